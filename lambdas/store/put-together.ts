import { setTimeout as wait } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Outcome } from './conditional-write';
import type { Table } from './table';

type Put = Omit<
  NonNullable<NonNullable<TransactWriteCommandInput['TransactItems']>[number]['Put']>,
  'TableName' | 'ReturnValuesOnConditionCheckFailure'
>;

/** A transaction that meets another one is sent again, ever later: 25 ms to 1.6 s. */
const ROUNDS = 8;
const FIRST_PAUSE_MS = 25;

/**
 * Conditional puts of at most 100 distinct items in one request: twice the write units of as many requests, for a
 * twentieth of the time. Those that lose are taken out and the others sent again, so each stands or loses by its
 * own condition. Answers the outcomes in order; interrupted, some may stand already.
 */
export async function putTogether({ client, tableName }: Table, puts: readonly Put[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = puts.map(() => ({ won: true, attributes: undefined }));
  let left = puts.map((put, i) => ({ put, i }));
  for (let round = 0; left.length > 0; round += 1) {
    const reasons = await cancellationReasons(
      client.send(
        new TransactWriteCommand({
          TransactItems: left.map(({ put }) => ({
            Put: { ...put, TableName: tableName, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
          })),
        }),
      ),
    );
    if (reasons === undefined) break;
    const open: typeof left = [];
    for (const [n, one] of left.entries()) {
      const { Code, Item: item } = reasons[n] ?? {};
      if (Code === 'ConditionalCheckFailed') outcomes[one.i] = { won: false, item: item && unmarshall(item) };
      else open.push(one);
    }
    const progressed = open.length < left.length;
    left = open;
    if (progressed) continue;
    if (round >= ROUNDS) throw new Error('a transaction met others too often');
    await wait(FIRST_PAUSE_MS * 2 ** round * Math.random());
  }
  return outcomes;
}

/** Why each item stopped the transaction, by index; undefined when it went through. */
async function cancellationReasons(transaction: Promise<unknown>) {
  try {
    await transaction;
    return undefined;
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const reasons = error.CancellationReasons ?? [];
    const passing = new Set(['None', 'ConditionalCheckFailed', ...CONGESTION]);
    if (!reasons.every(({ Code = 'None' }) => passing.has(Code))) throw error;
    return reasons;
  }
}

const CONGESTION = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];
