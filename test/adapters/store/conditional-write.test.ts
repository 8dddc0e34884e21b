import { randomUUID } from 'node:crypto';
import { put, remove, update } from '../../../lambdas/store/conditional-write';
import type { Table } from '../../../lambdas/store/table';
import { createTable } from '../../support/tables';

let table: Table;
beforeAll(async () => {
  table = await createTable('guards');
});

const absent = { ConditionExpression: 'attribute_not_exists(pk)' };
const isOne = { ConditionExpression: 'n = :one', ExpressionAttributeValues: { ':one': 1 } };
const aKey = () => ({ pk: randomUUID() });

test('the first of two puts wins, and the other is shown what stands', async () => {
  const key = aKey();
  expect(await put(table, { Item: { ...key, n: 1 }, ...absent })).toEqual({
    won: true,
    attributes: undefined,
  });
  expect(await put(table, { Item: { ...key, n: 2 }, ...absent })).toEqual({
    won: false,
    item: { ...key, n: 1 },
  });
});

test('an update answers what it was asked to return, and shows who lost what stands', async () => {
  const key = aKey();
  await put(table, { Item: { ...key, n: 1 } });
  const change = {
    Key: key,
    UpdateExpression: 'SET n = n + :one',
    ReturnValues: 'ALL_NEW' as const,
    ...isOne,
  };
  expect(await update(table, change)).toEqual({ won: true, attributes: { ...key, n: 2 } });
  expect(await update(table, change)).toEqual({ won: false, item: { ...key, n: 2 } });
});

test('what was lost to nothing shows nothing', async () => {
  const change = { Key: aKey(), UpdateExpression: 'SET n = :one', ...isOne };
  expect(await update(table, change)).toEqual({ won: false, item: undefined });
});

test('an item is removed once', async () => {
  const key = aKey();
  await put(table, { Item: { ...key, n: 1 } });
  expect(await remove(table, { Key: key, ...isOne })).toMatchObject({ won: true });
  expect(await remove(table, { Key: key, ...isOne })).toEqual({ won: false, item: undefined });
});

test('whatever else fails is no lost race', async () => {
  const nowhere = { ...table, tableName: 'no-such-table' };
  await expect(put(nowhere, { Item: aKey(), ...absent })).rejects.toThrow('non-existent table');
  const wrong = put(table, { Item: aKey(), ConditionExpression: 'n = :missing' });
  await expect(wrong).rejects.toMatchObject({ name: 'ValidationException' });
});
