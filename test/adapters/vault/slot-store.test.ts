import { randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../../../lambdas/store/table';
import { DynamoDbSlotStore } from '../../../lambdas/vault/adapters/dynamodb-slot-store';
import { slotKey } from '../../../lambdas/vault/adapters/vault-keys';
import {
  type SlotRef,
  type SlotStatus,
  slotStatuses,
  slotTransitions,
} from '../../../lambdas/vault/domain/slot';
import { createTable } from '../../support/tables';

const MINE = 'ord_1#1';
const OTHERS = 'ord_2#1';
const UNTIL = '2026-01-31T08:15:00.000Z';

let table: Table;
let slots: DynamoDbSlotStore;

beforeAll(async () => {
  table = await createTable('vault');
  slots = new DynamoDbSlotStore(table);
});

async function aSlot(status: SlotStatus, holder: string | undefined): Promise<SlotRef> {
  const ref = { segmentId: `seg_${randomUUID()}`, index: 7 };
  const facts = { secretId: 'sec_1', mask: 'AB****YZ', fingerprint: 'f', status, holder };
  await table.client.send(
    new PutCommand({ TableName: table.tableName, Item: { ...slotKey(ref), ...facts } }),
  );
  return ref;
}

const held = (status: SlotStatus) => status !== 'available' && status !== 'voided';
const find = async (ref: SlotRef) => (await slots.findMany([ref]))[0];

type Transition = 'hold' | 'release' | 'sell' | 'reveal';
const run: Record<Transition, (ref: SlotRef) => Promise<unknown>> = {
  hold: (ref) => slots.hold(ref, MINE, UNTIL),
  release: (ref) => slots.release(ref, MINE),
  sell: (ref) => slots.sell(ref, MINE),
  reveal: async (ref) => {
    const revealed = await slots.reveal(ref, MINE);
    return revealed === 'lost' ? revealed : revealed.status;
  },
};

/** By status before: what is answered and what then stands, for the caller's own slot and for somebody else's. */
const rules: Record<
  Transition,
  Record<SlotStatus, { own: [unknown, SlotStatus]; others: [unknown, SlotStatus] }>
> = {
  hold: {
    available: { own: ['held', 'held'], others: ['held', 'held'] },
    held: { own: ['held', 'held'], others: ['taken', 'held'] },
    sold: { own: ['gone', 'sold'], others: ['gone', 'sold'] },
    revealed: { own: ['gone', 'revealed'], others: ['gone', 'revealed'] },
    voided: { own: ['gone', 'voided'], others: ['gone', 'voided'] },
  },
  release: {
    available: { own: ['available', 'available'], others: ['available', 'available'] },
    held: { own: ['released', 'available'], others: ['taken', 'held'] },
    sold: { own: ['released', 'available'], others: ['gone', 'sold'] },
    revealed: { own: ['gone', 'revealed'], others: ['gone', 'revealed'] },
    voided: { own: ['gone', 'voided'], others: ['gone', 'voided'] },
  },
  sell: {
    available: { own: ['lost', 'available'], others: ['lost', 'available'] },
    held: { own: ['sold', 'sold'], others: ['lost', 'held'] },
    sold: { own: ['sold', 'sold'], others: ['lost', 'sold'] },
    revealed: { own: ['sold', 'revealed'], others: ['lost', 'revealed'] },
    voided: { own: ['lost', 'voided'], others: ['lost', 'voided'] },
  },
  reveal: {
    available: { own: ['lost', 'available'], others: ['lost', 'available'] },
    held: { own: ['lost', 'held'], others: ['lost', 'held'] },
    sold: { own: ['revealed', 'revealed'], others: ['lost', 'sold'] },
    revealed: { own: ['revealed', 'revealed'], others: ['lost', 'revealed'] },
    voided: { own: ['lost', 'voided'], others: ['lost', 'voided'] },
  },
};

describe.each(Object.entries(rules) as [Transition, (typeof rules)[Transition]][])(
  '%s',
  (transition, byStatus) => {
    const cases = slotStatuses.flatMap((status) =>
      [['own', MINE] as const, ['others', OTHERS] as const].map(
        ([whose, holder]) =>
          [status, whose, held(status) ? holder : undefined, ...byStatus[status][whose]] as const,
      ),
    );

    test.each(cases)(
      'a slot that is %s (%s, held by %s) answers %p and then is %s',
      async (status, _, holder, answer, then) => {
        const ref = await aSlot(status, holder);
        expect(await run[transition](ref)).toBe(answer);
        const after = await find(ref);
        expect(after?.status).toBe(then);
        const mine = then !== status ? MINE : holder;
        expect(after?.holder).toBe(held(then) ? mine : undefined);
        if (then !== status) expect(slotTransitions[status]).toContain(then);
      },
    );

    test('where there is no slot makes none', async () => {
      const ref = { segmentId: `seg_${randomUUID()}`, index: 0 };
      expect(['gone', 'lost']).toContain(await run[transition](ref));
      expect(await find(ref)).toBeUndefined();
    });
  },
);

test('of many who want one slot at the same moment, one holds it', async () => {
  const ref = await aSlot('available', undefined);
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, i) => slots.hold(ref, `ord_${i}#1`, UNTIL)),
  );
  expect(outcomes.toSorted()).toEqual(['held', ...Array(9).fill('taken')]);
});

test("an order's earlier attempt can neither release nor sell what its later one holds", async () => {
  const ref = await aSlot('available', undefined);
  await slots.hold(ref, 'ord_1#2', UNTIL);
  expect(await slots.release(ref, 'ord_1#1')).toBe('taken');
  expect(await slots.sell(ref, 'ord_1#1')).toBe('lost');
  expect(await find(ref)).toMatchObject({ status: 'held', holder: 'ord_1#2', heldUntil: UNTIL });
});

test('slots are found in the order asked for, however many, and absent ones are left out', async () => {
  const segmentId = `seg_${randomUUID()}`;
  const refs = Array.from({ length: 130 }, (_, index) => ({ segmentId, index }));
  const facts = { secretId: 'sec_1', mask: 'AB****YZ', status: 'available' };
  await Promise.all(
    refs.map((ref) =>
      table.client.send(new PutCommand({ TableName: table.tableName, Item: { ...slotKey(ref), ...facts } })),
    ),
  );
  const asked = [...refs.toReversed(), { segmentId, index: 500 }];
  expect((await slots.findMany(asked)).map(({ index }) => index)).toEqual(
    refs.map(({ index }) => index).toReversed(),
  );
  expect(await slots.findMany([])).toEqual([]);
});
