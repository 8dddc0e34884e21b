import { setTimeout as wait } from 'node:timers/promises';
import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  BatchWriteCommand,
  type BatchWriteCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import type { Item } from './conditional-write';
import { inParallel } from './in-parallel';
import type { Table } from './table';

/** DynamoDB's limits of keys in one request. */
const GETS = 100;
const WRITES = 25;
/** What a throttled batch leaves undone is sent again, ever later: 50 ms to 6.4 s, about 13 s in all. */
const ROUNDS = 8;
const FIRST_PAUSE_MS = 50;

/** Items by their keys, strongly consistent, in no order; absent ones are left out. Keys must be distinct. */
export async function batchGet({ client, tableName }: Table, keys: readonly Item[]): Promise<Item[]> {
  const items: Item[] = [];
  for (const chunk of chunks(keys, GETS)) {
    await untilDone([...chunk], async (left) => {
      const answer: BatchGetCommandOutput = await client.send(
        new BatchGetCommand({ RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } } }),
      );
      items.push(...(answer.Responses?.[tableName] ?? []));
      return answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    });
  }
  return items;
}

export type BatchWrite = { readonly put: Item } | { readonly delete: Item };

/** Unconditional puts and deletes of distinct items, 25 a request, `parallel` requests at a time. */
export async function batchWrite(
  { client, tableName }: Table,
  writes: readonly BatchWrite[],
  parallel = 8,
): Promise<void> {
  await inParallel([...chunks(writes, WRITES)], parallel, async (chunk) => {
    const requests = chunk.map((write) =>
      'put' in write ? { PutRequest: { Item: write.put } } : { DeleteRequest: { Key: write.delete } },
    );
    await untilDone(requests, async (left) => {
      const answer: BatchWriteCommandOutput = await client.send(
        new BatchWriteCommand({ RequestItems: { [tableName]: left } }),
      );
      return (answer.UnprocessedItems?.[tableName] ?? []) as typeof left;
    });
  });
}

async function untilDone<T>(all: T[], send: (left: T[]) => Promise<T[]>): Promise<void> {
  let left = all;
  for (let round = 0; left.length > 0; round += 1) {
    if (round === ROUNDS) throw new Error(`DynamoDB left ${left.length} items of a batch undone`);
    if (round > 0) await wait(FIRST_PAUSE_MS * 2 ** (round - 1));
    left = await send(left);
  }
}

/** A list in pieces of at most `size`. */
export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
