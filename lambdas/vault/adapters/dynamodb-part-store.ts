import { GetCommand, QueryCommand, type QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Item, put, update } from '../../store/conditional-write';
import { inParallel } from '../../store/in-parallel';
import type { Table } from '../../store/table';
import type { Commit, PartStore, Transition } from '../app/import-ports';
import {
  type Part,
  type PartRef,
  type PartResult,
  partStatuses,
  partStatusesBefore,
  type Run,
} from '../domain/lot';
import type { UploadPart } from '../domain/upload-division';
import { lotPartition, partKey } from './vault-keys';

/** Conditions of the parts' transitions, as they are combined below. */
const pending = '#status = :pending';
const claimed = '#status = :claimed';
const ofCurrentRun = 'currentRun = :run';

/**
 * | access pattern            | key                                | index |
 * |---------------------------|------------------------------------|-------|
 * | a part, its transitions   | pk lot#<lotId>, sk part#<00001>    | -     |
 * | parts of a lot, in order  | pk lot#<lotId>, sk from `part#` on | -     |
 */
export class DynamoDbPartStore implements PartStore {
  constructor(private readonly table: Table) {}

  async createAll(lotId: string, parts: readonly UploadPart[]): Promise<void> {
    await inParallel(parts, 16, (part) =>
      put(this.table, {
        Item: { ...partKey(lotId, part.part), lotId, ...part, status: 'pending', taken: [], runs: [] },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  }

  async find({ lotId, part }: PartRef): Promise<Part | undefined> {
    const { Item } = await this.table.client.send(
      new GetCommand({ TableName: this.table.tableName, Key: partKey(lotId, part), ConsistentRead: true }),
    );
    return Item && parsePart(Item);
  }

  async list(lotId: string): Promise<Part[]> {
    const parts: Part[] = [];
    let from: Item | undefined;
    do {
      const answer: QueryCommandOutput = await this.table.client.send(
        new QueryCommand({
          TableName: this.table.tableName,
          KeyConditionExpression: 'pk = :lot AND begins_with(sk, :part)',
          ExpressionAttributeValues: { ':lot': lotPartition(lotId), ':part': 'part#' },
          ConsistentRead: true,
          ExclusiveStartKey: from,
        }),
      );
      parts.push(...(answer.Items ?? []).map(parsePart));
      from = answer.LastEvaluatedKey;
    } while (from !== undefined);
    return parts;
  }

  async markClaimed(ref: PartRef, taken: readonly number[]): Promise<Transition> {
    const outcome = await this.#update(ref, {
      UpdateExpression: 'SET #status = :claimed, taken = :taken',
      ConditionExpression: pending,
      ExpressionAttributeValues: { ':pending': 'pending', ':claimed': 'claimed', ':taken': taken },
    });
    return outcome.won ? 'moved' : 'raced';
  }

  async registerRun(ref: PartRef, run: Run): Promise<Transition> {
    const outcome = await this.#update(ref, {
      UpdateExpression: 'SET runs = list_append(runs, :runs), currentRun = :run',
      ConditionExpression: claimed,
      ExpressionAttributeValues: { ':claimed': 'claimed', ':runs': [run], ':run': run.runId },
    });
    return outcome.won ? 'moved' : 'raced';
  }

  async commitRun(ref: PartRef, runId: string, result: PartResult): Promise<Commit> {
    const outcome = await this.#update(ref, {
      UpdateExpression: 'SET #status = :written, #result = :result',
      ConditionExpression: [claimed, ofCurrentRun].join(' AND '),
      ExpressionAttributeNames: { '#status': 'status', '#result': 'result' },
      ExpressionAttributeValues: {
        ':claimed': 'claimed',
        ':written': 'written',
        ':run': runId,
        ':result': result,
      },
    });
    if (outcome.won) return 'committed';
    const part = parsePart(outcome.item ?? {});
    if (part.status === 'claimed') return 'superseded';
    if (part.status !== 'written') return 'discarded';
    // The run's own repeat after a lost answer has won already.
    return part.currentRun === runId ? 'committed' : 'written_before';
  }

  async beginDiscarding(ref: PartRef): Promise<Part> {
    const from = partStatusesBefore('discarding');
    const outcome = await this.#update(ref, {
      UpdateExpression: 'SET #status = :discarding',
      ConditionExpression: `#status IN (${from.map((status) => `:${status}`).join(', ')})`,
      ExpressionAttributeValues: {
        ':discarding': 'discarding',
        ...Object.fromEntries(from.map((status) => [`:${status}`, status])),
      },
      ReturnValues: 'ALL_NEW',
    });
    return parsePart((outcome.won ? outcome.attributes : outcome.item) ?? {});
  }

  async endDiscarding(ref: PartRef): Promise<void> {
    await this.#update(ref, {
      UpdateExpression: 'SET #status = :discarded',
      ConditionExpression: '#status = :discarding',
      ExpressionAttributeValues: { ':discarding': 'discarding', ':discarded': 'discarded' },
    });
  }

  #update(
    { lotId, part }: PartRef,
    change: {
      UpdateExpression: string;
      ConditionExpression: string;
      ExpressionAttributeNames?: Record<string, string>;
      ExpressionAttributeValues: Item;
      ReturnValues?: 'ALL_NEW';
    },
  ) {
    return update(this.table, {
      Key: partKey(lotId, part),
      ExpressionAttributeNames: { '#status': 'status' },
      ...change,
    });
  }
}

const runSegment = { segmentId: z.string(), size: z.int() };

const partItem = z.object({
  lotId: z.string(),
  part: z.int(),
  byteStart: z.int(),
  byteEnd: z.int(),
  firstLine: z.int(),
  lines: z.int(),
  status: z.enum(partStatuses),
  taken: z.array(z.int()),
  runs: z.array(z.object({ runId: z.string(), segments: z.array(z.object(runSegment)) })),
  currentRun: z.string().optional(),
  result: z
    .object({
      segments: z.array(
        z.object({ ...runSegment, expiresAt: z.string(), wrappedDataKey: z.instanceof(Uint8Array) }),
      ),
      counts: z.object({
        accepted: z.int(),
        duplicateInFile: z.int(),
        duplicateInVault: z.int(),
        malformed: z.int(),
      }),
      verdictBytes: z.int(),
    })
    .optional(),
});

const parsePart = (item: Item): Part => partItem.parse(item);
