import { randomUUID } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoDbClientLimits } from '../../../lambdas/orders/adapters/dynamodb-client-limits';
import type { Table } from '../../../lambdas/store/table';
import { createTable } from '../../support/tables';

const NOW = '2026-01-31T08:00:00.000Z';
const SOON = '2026-01-31T08:10:00.000Z';
const UNTIL = '2026-01-31T08:15:00.000Z';
const limits = { unpaidOrders: 2, heldKeys: 5 };

let table: Table;
let store: DynamoDbClientLimits;

beforeAll(async () => {
  table = await createTable('guards');
  store = new DynamoDbClientLimits(table);
});

const order = (orderId: string, quantity = 1, until = UNTIL) => ({ orderId, quantity, until });
const admitAll = async (client: string, orders: ReturnType<typeof order>[]) => {
  for (const one of orders) expect(await store.admit(client, one, limits, NOW)).toEqual({ kind: 'admitted' });
};

test('a client has so many unpaid orders and no more, and learns when the first one ends', async () => {
  const client = randomUUID();
  await admitAll(client, [order('a'), order('b', 1, SOON)]);
  expect(await store.admit(client, order('c'), limits, NOW)).toEqual({
    kind: 'too_many_unpaid',
    until: SOON,
  });
});

test('a client holds so many keys and no more', async () => {
  const client = randomUUID();
  await admitAll(client, [order('a', 3)]);
  expect(await store.admit(client, order('b', 3), limits, NOW)).toEqual({
    kind: 'too_many_held',
    until: UNTIL,
  });
  await admitAll(client, [order('b', 2)]);
});

test('an order that was admitted before is admitted again and counts once', async () => {
  const client = randomUUID();
  await admitAll(client, [order('a', 3), order('a', 3), order('b', 2), order('b', 2)]);
});

test('what was forgotten counts no more; forgetting again, or what never was, is harmless', async () => {
  const client = randomUUID();
  await admitAll(client, [order('a'), order('b')]);
  for (const orderId of ['a', 'a', 'never']) await store.forget(client, orderId);
  await admitAll(client, [order('c')]);
  await store.forget(randomUUID(), 'never');
});

test('an order counts no longer than to its deadline', async () => {
  const client = randomUUID();
  await admitAll(client, [order('a'), order('b', 1, SOON)]);
  expect(await store.admit(client, order('c'), limits, '2026-01-31T08:09:59.999Z')).toMatchObject({
    kind: 'too_many_unpaid',
  });
  expect(await store.admit(client, order('c'), limits, SOON)).toEqual({ kind: 'admitted' });
});

test('one client’s orders do not count against another', async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  await admitAll(one, [order('a'), order('b')]);
  await admitAll(other, [order('a'), order('b')]);
});

test('many requests at once never get a client more than its limit', async () => {
  const client = randomUUID();
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, i) => store.admit(client, order(`parallel-${i}`), limits, NOW)),
  );
  const admitted = outcomes.filter(({ kind }) => kind === 'admitted');
  expect(admitted.length).toBeGreaterThanOrEqual(1);
  expect(admitted.length).toBeLessThanOrEqual(2);
  for (const { kind } of outcomes) expect(['admitted', 'too_many_unpaid', 'busy']).toContain(kind);
});

test('admissions and removals at once lose nothing that was admitted', async () => {
  const client = randomUUID();
  await admitAll(client, [order('old')]);
  const [, admission] = await Promise.all([
    store.forget(client, 'old'),
    store.admit(client, order('new', 5), { unpaidOrders: 9, heldKeys: 9 }, NOW),
  ]);
  expect(admission).toEqual({ kind: 'admitted' });
  expect(await store.admit(client, order('more', 5), { unpaidOrders: 9, heldKeys: 9 }, NOW)).toMatchObject({
    kind: 'too_many_held',
  });
});

test('a row outlives the last deadline that it counts to', async () => {
  const client = randomUUID();
  await admitAll(client, [order('a', 1, SOON), order('b', 1, UNTIL)]);
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.tableName, Key: { pk: `client#${client}` } }),
  );
  expect(Item?.expiresAtSeconds).toBeGreaterThan(Date.parse(UNTIL) / 1000);
});
