import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { putTogether } from '../../../lambdas/store/put-together';
import type { Table } from '../../../lambdas/store/table';
import { createTable } from '../../support/tables';

const absent = (pk: string) => ({ Item: { pk }, ConditionExpression: 'attribute_not_exists(pk)' });

let table: Table;
beforeEach(async () => {
  table = await createTable('orders');
});

const standing = async () => {
  const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.tableName }));
  return Items.map(({ pk }) => pk).sort();
};

/** The next transactions are cancelled before they reach the table. */
function cancelTransactions(codes: readonly string[][]): void {
  const cancellations = [...codes];
  table.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const reasons = commandName === 'TransactWriteItemsCommand' ? cancellations.shift() : undefined;
        if (reasons === undefined) return next(args);
        throw new TransactionCanceledException({
          message: 'cancelled',
          $metadata: {},
          CancellationReasons: reasons.map((Code) => ({ Code })),
        });
      },
    { step: 'deserialize', priority: 'low' },
  );
}

test('a put that loses keeps no other from standing, and tells what it lost to', async () => {
  await putTogether(table, [absent('b')]);
  const outcomes = await putTogether(table, ['a', 'b', 'c'].map(absent));
  expect(outcomes).toEqual([
    { won: true, attributes: undefined },
    { won: false, item: { pk: 'b' } },
    { won: true, attributes: undefined },
  ]);
  expect(await standing()).toEqual(['a', 'b', 'c']);
});

test('a transaction that meets another one is sent again', async () => {
  cancelTransactions([
    ['None', 'TransactionConflict'],
    ['ThrottlingError', 'None'],
  ]);
  expect((await putTogether(table, ['a', 'b'].map(absent))).every(({ won }) => won)).toBe(true);
  expect(await standing()).toEqual(['a', 'b']);
});

test('what will not pass is thrown, and so is congestion without end', async () => {
  cancelTransactions([['ValidationError']]);
  await expect(putTogether(table, [absent('a')])).rejects.toThrow(TransactionCanceledException);
  cancelTransactions(Array.from({ length: 20 }, () => ['TransactionConflict']));
  await expect(putTogether(table, [absent('a')])).rejects.toThrow('met others too often');
  expect(await standing()).toEqual([]);
});
