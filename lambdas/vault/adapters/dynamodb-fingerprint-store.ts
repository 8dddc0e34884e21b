import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { batchGet, batchWrite, chunks } from '../../store/batch';
import { remove } from '../../store/conditional-write';
import { inParallel } from '../../store/in-parallel';
import { putTogether } from '../../store/put-together';
import type { Table } from '../../store/table';
import type { ClaimOutcome, FingerprintOwner, FingerprintStore } from '../app/import-ports';
import type { PartRef } from '../domain/lot';
import { claimsKey, fingerprintKey } from './vault-keys';

/** Conditional deletes of one worker at a time. */
const PARALLEL = 32;
/** Claims in one transaction, and transactions of one worker at a time. */
const TOGETHER = 100;
const PARALLEL_CLAIMS = 4;

const unclaimed = 'attribute_not_exists(pk)';
const claimedByThisOrALaterLine = '(lotId = :lot AND #line >= :line)';
const ownedByTheLot = 'lotId = :lot';

/**
 * | access pattern                        | key                                | index |
 * |---------------------------------------|------------------------------------|-------|
 * | claim, free a key; who owns it        | pk fingerprint#<fingerprint>       | -     |
 * | what a part claims                    | pk lot#<lotId>, sk claims#<00001>  | -     |
 */
export class DynamoDbFingerprintStore implements FingerprintStore {
  constructor(private readonly table: Table) {}

  async note({ lotId, part }: PartRef, fingerprints: readonly string[]): Promise<void> {
    await this.table.client.send(
      new PutCommand({ TableName: this.table.tableName, Item: { ...claimsKey(lotId, part), fingerprints } }),
    );
  }

  async noted({ lotId, part }: PartRef): Promise<string[]> {
    const { Item } = await this.table.client.send(
      new GetCommand({ TableName: this.table.tableName, Key: claimsKey(lotId, part), ConsistentRead: true }),
    );
    return Item === undefined ? [] : claimsItem.parse(Item).fingerprints;
  }

  async forgetNotes(lotId: string, parts: readonly number[]): Promise<void> {
    const deletes = parts.map((part) => ({ delete: claimsKey(lotId, part) }));
    await batchWrite(this.table, deletes);
  }

  async claimAll(
    lotId: string,
    claims: readonly { readonly fingerprint: string; readonly line: number }[],
  ): Promise<ClaimOutcome[]> {
    const earliest = new Map<string, number>();
    for (const { fingerprint, line } of claims) {
      earliest.set(fingerprint, Math.min(line, earliest.get(fingerprint) ?? line));
    }
    const outcomes = new Map<string, ClaimOutcome>();
    await inParallel([...chunks([...earliest], TOGETHER)], PARALLEL_CLAIMS, async (chunk) => {
      const results = await putTogether(
        this.table,
        chunk.map(([fingerprint, line]) => ({
          Item: { ...fingerprintKey(fingerprint), lotId, line },
          ConditionExpression: [unclaimed, claimedByThisOrALaterLine].join(' OR '),
          ExpressionAttributeNames: { '#line': 'line' },
          ExpressionAttributeValues: { ':lot': lotId, ':line': line },
        })),
      );
      for (const [i, [fingerprint]] of chunk.entries()) {
        const result = results[i];
        const lostTo = result?.won === false ? result.item?.lotId : undefined;
        const lost = lostTo === lotId ? 'earlier_line' : 'taken';
        outcomes.set(fingerprint, result?.won ? 'claimed' : lost);
      }
    });
    return claims.map(({ fingerprint, line }) => {
      const outcome = outcomes.get(fingerprint) ?? 'taken';
      return outcome === 'claimed' && line !== earliest.get(fingerprint) ? 'earlier_line' : outcome;
    });
  }

  async owners(fingerprints: readonly string[]): Promise<ReadonlyMap<string, FingerprintOwner>> {
    const keys = [...new Set(fingerprints)].map(fingerprintKey);
    const items = await batchGet(this.table, keys);
    return new Map(
      items
        .map((item) => fingerprintItem.parse(item))
        .map(({ pk, ...owner }) => [pk.slice('fingerprint#'.length), owner]),
    );
  }

  async freeAll(lotId: string, fingerprints: readonly string[]): Promise<void> {
    await inParallel([...new Set(fingerprints)], PARALLEL, (fingerprint) =>
      remove(this.table, {
        Key: fingerprintKey(fingerprint),
        ConditionExpression: ownedByTheLot,
        ExpressionAttributeValues: { ':lot': lotId },
      }),
    );
  }
}

const fingerprintItem = z.object({ pk: z.string(), lotId: z.string(), line: z.int() });
const claimsItem = z.object({ fingerprints: z.array(z.string()) });
