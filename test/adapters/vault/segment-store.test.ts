import { randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../../../lambdas/store/table';
import { DynamoDbSegmentStore } from '../../../lambdas/vault/adapters/dynamodb-segment-store';
import { segmentKey } from '../../../lambdas/vault/adapters/vault-keys';
import type { Segment } from '../../../lambdas/vault/domain/segment';
import { aSegment } from '../../support/stock-keys';
import { createTable } from '../../support/tables';

let table: Table;
let segments: DynamoDbSegmentStore;

beforeAll(async () => {
  table = await createTable('vault');
});
beforeEach(() => {
  segments = new DynamoDbSegmentStore(table);
});

async function written(changes: Partial<Segment> = {}): Promise<Segment> {
  const segment = aSegment({ segmentId: `seg_${randomUUID()}`, size: 10, ...changes });
  const Item = { ...segmentKey(segment.segmentId), ...segment };
  await table.client.send(new PutCommand({ TableName: table.tableName, Item }));
  return segment;
}

const outlive = '2026-01-31T09:15:00.000Z';
const bump = ({ segmentId, pool }: Segment, quantity: number) =>
  segments.bump(segmentId, { pool, quantity, outlive });

test('the cursor hands out each index once, in order, until none is left', async () => {
  const segment = await written();
  expect(await bump(segment, 4)).toEqual({ kind: 'taken', firstIndex: 0 });
  expect(await bump(segment, 5)).toEqual({ kind: 'taken', firstIndex: 4 });
  expect(await segments.find(segment.segmentId)).toMatchObject({ head: 9, avail: 1 });
  expect(await bump(segment, 1)).toEqual({ kind: 'taken', firstIndex: 9 });
  expect(await bump(segment, 1)).toEqual({ kind: 'short', available: 0 });
});

test('who asks for more than is left gets none and learns how many there are', async () => {
  const segment = await written();
  await bump(segment, 7);
  expect(await bump(segment, 4)).toEqual({ kind: 'short', available: 3 });
  expect(await segments.find(segment.segmentId)).toMatchObject({ head: 7, avail: 3 });
});

test('many at the same moment get indices of their own, and no more than there are', async () => {
  const segment = await written();
  const bumps = await Promise.all(Array.from({ length: 14 }, () => bump(segment, 1)));
  const taken = bumps.flatMap((one) => (one.kind === 'taken' ? [one.firstIndex] : []));
  expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => i));
  expect(await segments.find(segment.segmentId)).toMatchObject({ head: 10, avail: 0 });
});

test.each<[string, Partial<Segment>]>([
  ['that is paused', { status: 'paused' }],
  ['that is recalled', { status: 'recalled' }],
  ['of another pool', { pool: 'sku_0000000001#agent' }],
  ['whose keys end too soon', { expiresAt: outlive }],
])('a segment %s hands out nothing', async (_how, change) => {
  const segment = await written(change);
  const pool = aSegment({ segmentId: '', size: 0 }).pool;
  expect(await segments.bump(segment.segmentId, { pool, quantity: 1, outlive })).toEqual({ kind: 'closed' });
  expect(await segments.find(segment.segmentId)).toEqual(segment);
});

test('a segment that does not exist hands out nothing and is not made', async () => {
  const segment = aSegment({ segmentId: 'seg_missing', size: 1 });
  expect(await bump(segment, 1)).toEqual({ kind: 'closed' });
  expect(await segments.find('seg_missing')).toBeUndefined();
});

test('that a cursor is at its end is remembered; that it is short is not', async () => {
  const [empty, short] = [await written({ head: 10, avail: 0 }), await written({ head: 9, avail: 1 })];
  expect(await bump(empty, 1)).toEqual({ kind: 'short', available: 0 });
  expect(await bump(short, 2)).toEqual({ kind: 'short', available: 1 });
  expect(await bump(short, 1)).toEqual({ kind: 'taken', firstIndex: 9 });
});

test('a segment is read as it was written', async () => {
  const segment = await written({ labels: ['卡号', '密码'], wrappedDataKey: Uint8Array.of(1, 2, 255) });
  const [found] = await segments.findMany([segment.segmentId]);
  expect({ ...found, wrappedDataKey: [...(found?.wrappedDataKey ?? [])] }).toEqual({
    ...segment,
    wrappedDataKey: [1, 2, 255],
  });
});

test("the sweeper's window moves for one run and not by older facts", async () => {
  const segment = await written();
  const to = { swept: 2, headSeen: 5 };
  const moves = await Promise.all([
    segments.moveSweepWindow(segment, to),
    segments.moveSweepWindow(segment, { swept: 1, headSeen: 4 }),
  ]);
  expect(moves.toSorted()).toEqual(['moved', 'raced']);
  const now = await segments.find(segment.segmentId);
  expect(await segments.moveSweepWindow(segment, to)).toBe('raced');
  expect(await segments.find(segment.segmentId)).toEqual(now);
});
