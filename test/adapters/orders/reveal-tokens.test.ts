import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoDbRevealTokens } from '../../../lambdas/orders/adapters/dynamodb-reveal-tokens';
import type { RevealTokens } from '../../../lambdas/orders/app/ports';
import { MemoryRevealTokens } from '../../support/order-world';
import { createTable } from '../../support/tables';

const NOW = '2026-01-31T08:00:00.000Z';
const UNTIL = '2026-01-31T08:01:00.000Z';

const stores: Record<string, () => Promise<RevealTokens>> = {
  'in memory': async () => new MemoryRevealTokens(),
  'on DynamoDB': async () => new DynamoDbRevealTokens(await createTable('guards')),
};

describe.each(Object.entries(stores))('reveal tokens %s', (_where, newStore) => {
  test('a token is redeemed once, also by many at the same moment', async () => {
    const tokens = await newStore();
    const token = await tokens.issue('ord_1', UNTIL);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => tokens.redeem(token, 'ord_1', NOW)));
    expect(outcomes.filter((redeemed) => redeemed)).toHaveLength(1);
    expect(await tokens.redeem(token, 'ord_1', NOW)).toBe(false);
  });

  test('no token is like another, and each is redeemed by itself', async () => {
    const tokens = await newStore();
    const issued = await Promise.all(Array.from({ length: 3 }, () => tokens.issue('ord_1', UNTIL)));
    expect(new Set(issued).size).toBe(3);
    for (const token of issued) expect(await tokens.redeem(token, 'ord_1', NOW)).toBe(true);
  });

  test('a token is for its order, and an attempt with another does not use it up', async () => {
    const tokens = await newStore();
    const token = await tokens.issue('ord_1', UNTIL);
    expect(await tokens.redeem(token, 'ord_2', NOW)).toBe(false);
    expect(await tokens.redeem(token, 'ord_1', NOW)).toBe(true);
  });

  test('a token ends at its time', async () => {
    const tokens = await newStore();
    const [late, intime] = [await tokens.issue('ord_1', UNTIL), await tokens.issue('ord_1', UNTIL)];
    expect(await tokens.redeem(late, 'ord_1', UNTIL)).toBe(false);
    expect(await tokens.redeem(intime, 'ord_1', '2026-01-31T08:00:59.999Z')).toBe(true);
  });

  test.each(['', 'guessed', 'x'.repeat(100)])('%p is no token', async (token) => {
    expect(await (await newStore()).redeem(token, 'ord_1', NOW)).toBe(false);
  });
});

test('who reads the table learns no token', async () => {
  const table = await createTable('guards');
  const token = await new DynamoDbRevealTokens(table).issue('ord_1', UNTIL);
  const { Items } = await table.client.send(new ScanCommand({ TableName: table.tableName }));
  expect(Items).toHaveLength(1);
  expect(JSON.stringify(Items)).not.toContain(token);
});
