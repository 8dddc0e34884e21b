import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { NEVER } from '../../lambdas/kernel/time';
import { put } from '../../lambdas/store/conditional-write';
import type { Table } from '../../lambdas/store/table';
import { segmentKey, slotKey } from '../../lambdas/vault/adapters/vault-keys';
import type { StockPorts } from '../../lambdas/vault/app/ports';
import { poolOf, type Segment } from '../../lambdas/vault/domain/segment';

/** A new segment as an import leaves it. */
export const aSegment = (changes: Partial<Segment> & Pick<Segment, 'segmentId' | 'size'>): Segment => {
  const skuId = changes.skuId ?? 'sku_0000000001';
  return {
    merchantId: 'mer_0000000001',
    skuId,
    lotId: 'lot_0000000001',
    head: 0,
    avail: changes.size,
    status: 'active',
    pool: poolOf(skuId),
    expiresAt: NEVER,
    labels: ['Key'],
    wrappedDataKey: Buffer.alloc(184),
    swept: 0,
    headSeen: 0,
    ...changes,
  };
};

/** The slots of a segment that nobody knows of yet. May be repeated until it is published. */
export async function writeSlots(vault: Table, { segmentId, size }: Segment): Promise<void> {
  for (let index = 0; index < size; index += 1) {
    await vault.client.send(
      new PutCommand({
        TableName: vault.tableName,
        Item: {
          ...slotKey({ segmentId, index }),
          status: 'available',
          secretId: `sec_${segmentId.slice(4)}.${index}`,
          mask: 'ABCD****WXYZ',
          fingerprint: 'f'.repeat(43),
        },
      }),
    );
  }
}

/** Puts a segment on sale, in the order of an import's publication. May be repeated at any time. */
export async function publishSegment(
  vault: Table,
  { live, pools }: Pick<StockPorts, 'live' | 'pools'>,
  segment: Segment,
): Promise<void> {
  await put(vault, {
    Item: { ...segmentKey(segment.segmentId), ...segment },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  await live.add(segment.segmentId);
  await pools.put(segment.pool, segment);
}
