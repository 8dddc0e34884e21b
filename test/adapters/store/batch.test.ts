import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { batchGet, batchWrite } from '../../../lambdas/store/batch';
import type { Item } from '../../../lambdas/store/conditional-write';
import type { Table } from '../../../lambdas/store/table';
import { createTable } from '../../support/tables';

let table: Table;
beforeEach(async () => {
  table = await createTable('guards');
});

const keys = (count: number) => Array.from({ length: count }, (_, i) => ({ pk: `item ${i}` }));
const ids = (items: Item[]) => items.map(({ pk }) => pk).toSorted();

/** As DynamoDB does under load: the first `times` requests leave all but their first item undone. */
function throttle(client: DynamoDBDocumentClient, times: number): void {
  let left = times;
  client.middlewareStack.add(
    (next) => async (args) => {
      const input = args.input as { RequestItems?: Record<string, Item[] | { Keys: Item[] }> };
      const [name, asked] = Object.entries(input.RequestItems ?? {})[0] ?? ['', []];
      if (left === 0) return next(args);
      left -= 1;
      const isGet = !Array.isArray(asked);
      const all = isGet ? asked.Keys : asked;
      const [first, undone] = [all.slice(0, 1), all.slice(1)];
      const some = { [name]: isGet ? { ...asked, Keys: first } : first };
      const result = await next({ ...args, input: { ...input, RequestItems: some } } as typeof args);
      const rest = { [name]: isGet ? { ...asked, Keys: undone } : undone };
      Object.assign(result.output, isGet ? { UnprocessedKeys: rest } : { UnprocessedItems: rest });
      return result;
    },
    { step: 'initialize', name: 'throttle', priority: 'low' },
  );
}

test('more items than one request takes are written, read and deleted', async () => {
  const all = keys(130);
  await batchWrite(
    table,
    all.map((key) => ({ put: { ...key, n: 1 } })),
  );
  expect(ids(await batchGet(table, all))).toEqual(ids(all));
  await batchWrite(table, [...all.slice(0, 60).map((key) => ({ delete: key })), { put: { pk: 'new' } }]);
  expect(ids(await batchGet(table, [...all, { pk: 'new' }]))).toEqual(ids([...all.slice(60), { pk: 'new' }]));
});

test('nothing is asked for nothing', async () => {
  const nowhere = { ...table, tableName: 'no-such-table' };
  expect(await batchGet(nowhere, [])).toEqual([]);
  await expect(batchWrite(nowhere, [])).resolves.toBeUndefined();
});

test('what is not there is left out', async () => {
  expect(await batchGet(table, keys(2))).toEqual([]);
});

test('what DynamoDB leaves undone is asked for again', async () => {
  const all = keys(5);
  throttle(table.client, 1);
  await batchWrite(
    table,
    all.map((key) => ({ put: key })),
  );
  table.client.middlewareStack.remove('throttle');
  throttle(table.client, 1);
  expect(ids(await batchGet(table, all))).toEqual(ids(all));
});

test('a batch that fails is not taken for done', async () => {
  const nowhere = { ...table, tableName: 'no-such-table' };
  await expect(batchGet(nowhere, keys(1))).rejects.toThrow();
  await expect(batchWrite(nowhere, [{ put: { pk: 'x' } }])).rejects.toThrow();
});
