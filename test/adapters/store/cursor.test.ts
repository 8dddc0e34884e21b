import { lotId } from '../../../lambdas/contract/values';
import { decodeCursor, encodeCursor } from '../../../lambdas/store/cursor';
import { DynamoDbLotStore } from '../../../lambdas/vault/adapters/dynamodb-lot-store';
import { createTable } from '../../support/tables';

const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** What no list has ever answered, and what one would have answered that shows the keys of its table. */
const forged = [
  '',
  'nonsense',
  base64url('{}'),
  base64url('[]'),
  base64url('null'),
  base64url(JSON.stringify({ pk: 'merchant#mer_0000000001' })),
  base64url(JSON.stringify({ pk: 'merchant#mer_0000000001', sk: 'lot_0000000001' })),
  base64url('prd_0000000001'),
  base64url('lot_'),
  base64url('lot_0000000001\n'),
  base64url('part#00001'),
];

test('a cursor is read as it was written, and shows the id alone', () => {
  const cursor = encodeCursor('lot_0000000001');
  expect(decodeCursor(cursor, lotId)).toBe('lot_0000000001');
  expect(Buffer.from(cursor, 'base64url').toString()).toBe('lot_0000000001');
});

test.each(forged)('the cursor %p is refused and named', (cursor) => {
  expect(() => decodeCursor(cursor, lotId)).toThrow(
    expect.objectContaining({
      code: 'request.invalid',
      kind: 'invalid',
      details: {
        fields: [{ field: 'query.cursor', message: 'is the nextCursor of an earlier answer of this list' }],
      },
    }),
  );
});

test.each(forged)(
  'the cursor %p, sent to a list on DynamoDB, is the fault of who sent it',
  async (cursor) => {
    const lots = new DynamoDbLotStore(await createTable('vault'));
    await expect(lots.list('mer_0000000001', { limit: 1, cursor })).rejects.toMatchObject({
      code: 'request.invalid',
    });
  },
);
