import { put } from '../../store/conditional-write';
import { inParallel } from '../../store/in-parallel';
import type { Table } from '../../store/table';
import type { SegmentWriter } from '../app/import-ports';
import type { Segment } from '../domain/segment';
import { segmentKey } from './vault-keys';

/**
 * | access pattern        | key                    | index |
 * |-----------------------|------------------------|-------|
 * | publish a segment     | pk segment#<segmentId> | -     |
 */
export class DynamoDbSegmentWriter implements SegmentWriter {
  constructor(private readonly table: Table) {}

  async putAbsent(segments: readonly Segment[]): Promise<void> {
    await inParallel(segments, 16, (segment) =>
      put(this.table, {
        Item: { ...segmentKey(segment.segmentId), ...segment },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  }
}
