import type { Table } from '../../../lambdas/store/table';
import { allocateKeys, forgetHints } from '../../../lambdas/vault/app/allocate-keys';
import { openKeys } from '../../../lambdas/vault/app/open-keys';
import type { LiveSegment, StockPorts } from '../../../lambdas/vault/app/ports';
import { LIVE_SHARDS } from '../../../lambdas/vault/app/ports';
import { releaseKeys, returnTickets } from '../../../lambdas/vault/app/release-keys';
import { sellKeys } from '../../../lambdas/vault/app/sell-keys';
import { type HoldFate, sweepSegment } from '../../../lambdas/vault/app/sweep-segment';
import { poolOf, type Segment } from '../../../lambdas/vault/domain/segment';
import type { Holder, SlotRef } from '../../../lambdas/vault/domain/slot';
import { openVault, stockOn } from '../../support/order-world';
import { overriding } from '../../support/overriding';
import { settableClock } from '../../support/settable-clock';
import { aSegment, publishSegment, writeSlots } from '../../support/stock-keys';
import { createTable } from '../../support/tables';

const POOL = poolOf('sku_0000000001');
const HELD_UNTIL = '2026-01-31T08:15:00.000Z';
const [EARLY, LATE] = ['2026-06-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'];
const MINE: Holder = 'ord_1#1';
const OTHERS: Holder = 'ord_2#1';

let vault: Table;
let stock: StockPorts;

beforeEach(async () => {
  vault = await createTable('vault');
  stock = stockOn(vault, settableClock().clock);
});

async function published(segmentId: string, size: number, changes: Partial<Segment> = {}): Promise<Segment> {
  const segment = aSegment({ segmentId, size, ...changes });
  await writeSlots(vault, segment);
  await publishSegment(vault, stock, segment);
  return segment;
}
const allocate = (quantity: number, holder = MINE, ports = stock) =>
  allocateKeys(ports, { pool: POOL, quantity, holder, heldUntil: HELD_UNTIL });
async function allocated(quantity: number, holder = MINE) {
  const allocation = await allocate(quantity, holder);
  if (allocation.kind === 'short') throw new Error('short of stock');
  return allocation;
}
const heldBy = (holder: Holder, slots: readonly SlotRef[]) => slots.map((slot) => ({ slot, holder }));
const slot = (segmentId: string, index: number): SlotRef => ({ segmentId, index });
const statuses = async (slots: readonly SlotRef[]) =>
  (await stock.slots.findMany(slots)).map(({ status }) => status);

describe('allocating', () => {
  test('holds as many keys as are asked for, in the name of the holder', async () => {
    await published('seg_a', 5);
    const { slots } = await allocated(3);
    expect(await stock.slots.findMany(slots)).toMatchObject(
      Array(3).fill({ status: 'held', holder: MINE, heldUntil: HELD_UNTIL }),
    );
  });

  test('takes keys that expire first, and from several segments where one is not enough', async () => {
    await published('seg_late', 5, { expiresAt: LATE });
    await published('seg_early', 2, { expiresAt: EARLY });
    const { slots } = await allocated(3);
    expect(slots.map(({ segmentId }) => segmentId)).toEqual(['seg_early', 'seg_early', 'seg_late']);
  });

  test('takes a returned key before any that expires later', async () => {
    await published('seg_late', 5, { expiresAt: LATE });
    await published('seg_early', 1, { expiresAt: EARLY });
    const { slots } = await allocated(1, OTHERS);
    await releaseKeys(stock, heldBy(OTHERS, slots));
    expect((await allocated(1)).slots).toEqual(slots);
  });

  test('takes no key that ends too soon after it may be paid', async () => {
    await published('seg_a', 1, { expiresAt: '2026-01-31T09:15:00.000Z' });
    expect(await allocate(1)).toMatchObject({ kind: 'short' });
    await published('seg_b', 1, { expiresAt: '2026-01-31T09:15:00.001Z' });
    expect((await allocated(1)).slots).toEqual([slot('seg_b', 0)]);
  });

  test.each(['paused', 'recalled'] as const)(
    'takes no key of a lot that is %s, nor one that came back to it',
    async (status) => {
      await published('seg_a', 2, { status, head: 1, avail: 1 });
      await returnTickets(stock, [slot('seg_a', 0)]);
      expect(await allocate(1)).toEqual({ kind: 'short', held: [], unused: [] });
    },
  );

  test('goes on to another key when the one at hand was voided or given away', async () => {
    await published('seg_a', 4);
    await stock.slots.hold(slot('seg_a', 0), OTHERS, HELD_UNTIL);
    await stock.slots.hold(slot('seg_a', 1), OTHERS, HELD_UNTIL);
    await stock.slots.sell(slot('seg_a', 1), OTHERS);
    expect((await allocated(2)).slots).toEqual([slot('seg_a', 2), slot('seg_a', 3)]);
  });

  test('short of stock tells what it holds and what it never held, and nobody loses by it', async () => {
    await published('seg_a', 3);
    await stock.slots.hold(slot('seg_a', 0), OTHERS, HELD_UNTIL);
    const allocation = await allocate(3);
    if (allocation.kind !== 'short') throw new Error('not short');
    expect(allocation).toEqual({ kind: 'short', held: [slot('seg_a', 1), slot('seg_a', 2)], unused: [] });
    await releaseKeys(stock, heldBy(MINE, allocation.held));
    expect((await allocated(2, 'ord_3#1')).slots).toHaveLength(2);
  });

  test('more than there is takes tickets that it gives back unused', async () => {
    await published('seg_a', 2);
    const allocation = await allocate(3);
    if (allocation.kind !== 'short') throw new Error('not short');
    expect(allocation.held).toEqual([]);
    expect(allocation.unused).toHaveLength(2);
    await returnTickets(stock, allocation.unused);
    expect((await allocated(2)).slots).toHaveLength(2);
  });

  test('leaves the hint to a returned key until the order stands, and forgets it then', async () => {
    await published('seg_a', 1);
    await releaseKeys(stock, heldBy(OTHERS, (await allocated(1, OTHERS)).slots));
    const { hints } = await allocated(1);
    expect(await stock.hints.take('seg_a', 5)).toHaveLength(1);
    await forgetHints(stock, hints);
    expect(await stock.hints.take('seg_a', 5)).toEqual([]);
  });

  test('removes the hint to a key that is sold, and keeps the one to a key that is merely held', async () => {
    await published('seg_a', 2, { head: 2, avail: 0 });
    await stock.slots.hold(slot('seg_a', 0), OTHERS, HELD_UNTIL);
    await stock.slots.hold(slot('seg_a', 1), OTHERS, HELD_UNTIL);
    await stock.slots.sell(slot('seg_a', 1), OTHERS);
    await returnTickets(stock, [slot('seg_a', 0), slot('seg_a', 1)]);
    expect(await allocate(1)).toMatchObject({ kind: 'short' });
    expect(await stock.hints.take('seg_a', 5)).toMatchObject([slot('seg_a', 0)]);
  });

  test('takes an empty segment out of its pool, and a key that comes back puts it in again', async () => {
    await published('seg_a', 1);
    const { slots } = await allocated(1, OTHERS);
    expect(await allocate(1)).toMatchObject({ kind: 'short' });
    expect((await stock.pools.rows(POOL, HELD_UNTIL)).rows).toEqual([]);
    await releaseKeys(stock, heldBy(OTHERS, slots));
    expect((await allocated(1)).slots).toEqual(slots);
  });

  test('keeps a segment in its pool when a key comes back at the very moment it is found empty', async () => {
    await published('seg_a', 1);
    const { slots } = await allocated(1, OTHERS);
    const raced: StockPorts = {
      ...stock,
      pools: overriding(stock.pools, {
        remove: async (...row: Parameters<StockPorts['pools']['remove']>) => {
          await releaseKeys(stock, heldBy(OTHERS, slots));
          await stock.pools.remove(...row);
        },
      }),
    };
    await allocate(1, MINE, raced);
    expect((await stock.pools.rows(POOL, HELD_UNTIL)).rows).toMatchObject([{ segmentId: 'seg_a' }]);
  });

  test('gives each of many buyers keys of their own, to the last one', async () => {
    await published('seg_a', 6);
    await published('seg_b', 6);
    const all = await Promise.all(Array.from({ length: 6 }, (_, i) => allocate(2, `ord_${i}#1`)));
    const slots = all.flatMap((one) => (one.kind === 'allocated' ? one.slots : []));
    expect(new Set(slots.map(({ segmentId, index }) => `${segmentId}.${index}`)).size).toBe(12);
  });
});

describe('releasing', () => {
  test('frees the holder’s own keys alone', async () => {
    await published('seg_a', 2);
    const { slots } = await allocated(2);
    await releaseKeys(stock, heldBy(OTHERS, slots));
    expect(await statuses(slots)).toEqual(['held', 'held']);
    await releaseKeys(stock, heldBy(MINE, slots));
    expect(await statuses(slots)).toEqual(['available', 'available']);
  });

  test('driven again after a crash brings the hint that was missing', async () => {
    await published('seg_a', 1);
    const { slots } = await allocated(1);
    const push = () => Promise.reject(new Error('killed'));
    const crashing = { ...stock, hints: overriding(stock.hints, { push }) };
    await expect(releaseKeys(crashing, heldBy(MINE, slots))).rejects.toThrow('killed');
    expect(await allocate(1, OTHERS)).toMatchObject({ kind: 'short' });
    await releaseKeys(stock, heldBy(MINE, slots));
    expect((await allocated(1, OTHERS)).slots).toEqual(slots);
  });
});

describe('selling', () => {
  test('makes keys the holder’s for good, and again changes nothing', async () => {
    await published('seg_a', 2);
    const { slots } = await allocated(2);
    for (let i = 0; i < 2; i += 1) expect(await sellKeys(stock, heldBy(MINE, slots))).toEqual({ lost: [] });
    expect(await statuses(slots)).toEqual(['sold', 'sold']);
  });

  test('tells which keys are not the holder’s any more, and sells the others', async () => {
    await published('seg_a', 2);
    const { slots } = await allocated(2);
    const [first, second] = heldBy(MINE, slots);
    await releaseKeys(stock, first ? [first] : []);
    expect(await sellKeys(stock, heldBy(MINE, slots))).toEqual({ lost: [first] });
    expect(await statuses(second ? [second.slot] : [])).toEqual(['sold']);
  });

  test('sells a paused lot’s held keys, and none of a recalled one', async () => {
    for (const status of ['paused', 'recalled'] as const) {
      await published(`seg_${status}`, 1, { status });
      await stock.slots.hold(slot(`seg_${status}`, 0), MINE, HELD_UNTIL);
    }
    const held = heldBy(MINE, [slot('seg_paused', 0), slot('seg_recalled', 0)]);
    expect(await sellKeys(stock, held)).toEqual({ lost: [held[1]] });
    expect(await statuses(held.map((key) => key.slot))).toEqual(['sold', 'held']);
  });
});

describe('opening', () => {
  test('shows keys in the order asked for and marks them as revealed', async () => {
    await published('seg_a', 1, { expiresAt: EARLY });
    await published('seg_b', 1, { expiresAt: LATE, labels: ['卡密'] });
    const { slots } = await allocated(2);
    const held = heldBy(MINE, slots.toReversed());
    await sellKeys(stock, held);
    expect(await openKeys(openVault(stock), held)).toEqual([
      { fields: [{ label: '卡密', value: 'sec_b.0' }], expiresAt: LATE },
      { fields: [{ label: 'Key', value: 'sec_a.0' }], expiresAt: EARLY },
    ]);
    expect(await statuses(slots)).toEqual(['revealed', 'revealed']);
  });

  test('shows nothing to anybody but the holder, and nothing that is not sold', async () => {
    await published('seg_a', 1);
    const { slots } = await allocated(1);
    await expect(openKeys(openVault(stock), heldBy(MINE, slots))).rejects.toThrow('not its holder');
    await sellKeys(stock, heldBy(MINE, slots));
    await expect(openKeys(openVault(stock), heldBy(OTHERS, slots))).rejects.toThrow('not its holder');
    expect(await statuses(slots)).toEqual(['sold']);
  });

  test('what was opened never returns to stock, though opening it failed', async () => {
    await published('seg_a', 1);
    const { slots } = await allocated(1);
    await sellKeys(stock, heldBy(MINE, slots));
    const secrets = { findMany: async () => new Map() };
    const opening = openKeys({ ...openVault(stock), secrets }, heldBy(MINE, slots));
    await expect(opening).rejects.toThrow('no secret');
    await releaseKeys(stock, heldBy(MINE, slots));
    expect(await statuses(slots)).toEqual(['revealed']);
  });
});

describe('sweeping', () => {
  const rows = async (): Promise<LiveSegment[]> => {
    const pages = await Promise.all(
      Array.from({ length: LIVE_SHARDS }, (_, shard) => stock.live.page(shard)),
    );
    return pages.flatMap((page) => page.rows);
  };
  const sweep = async (fate: HoldFate = 'kept') => {
    const found = { burntTickets: 0, abandonedHolds: 0 };
    for (const row of await rows()) {
      const one = await sweepSegment(stock, async () => fate, row);
      found.burntTickets += one.burntTickets;
      found.abandonedHolds += one.abandonedHolds;
    }
    return found;
  };
  const nothing = { burntTickets: 0, abandonedHolds: 0 };
  const outlive = '2026-01-31T09:15:00.000Z';

  test('gives a burnt ticket back, but not before a whole run has passed over it', async () => {
    await published('seg_a', 3);
    await stock.segments.bump('seg_a', { pool: POOL, quantity: 1, outlive });
    expect(await sweep()).toEqual(nothing);
    expect(await sweep()).toEqual({ ...nothing, burntTickets: 1 });
    expect(await sweep()).toEqual(nothing);
    expect((await allocated(3)).slots).toHaveLength(3);
  });

  test('frees what is held for nobody, and leaves what is kept', async () => {
    await published('seg_a', 2);
    const { slots } = await allocated(2);
    await sweep();
    expect(await sweep('kept')).toEqual(nothing);
    expect(await statuses(slots)).toEqual(['held', 'held']);

    await published('seg_b', 1);
    const other = (await allocated(1, OTHERS)).slots;
    await sweep();
    expect(await sweep('abandoned')).toEqual({ ...nothing, abandonedHolds: 1 });
    expect(await statuses(other)).toEqual(['available']);
  });

  test('waits at a hold that is undecided, and comes back to it', async () => {
    await published('seg_a', 2);
    await allocated(1);
    await stock.segments.bump('seg_a', { pool: POOL, quantity: 1, outlive });
    await sweep();
    for (let run = 0; run < 2; run += 1) expect(await sweep('undecided')).toEqual(nothing);
    expect(await sweep('abandoned')).toEqual({ burntTickets: 1, abandonedHolds: 1 });
  });

  test('frees a returned key that a crashed worker holds, though its window has passed it', async () => {
    await published('seg_a', 1);
    await releaseKeys(stock, heldBy(OTHERS, (await allocated(1, OTHERS)).slots));
    for (let run = 0; run < 3; run += 1) await sweep();
    const { slots } = await allocated(1);
    expect(await sweep('undecided')).toEqual(nothing);
    expect(await sweep('abandoned')).toEqual({ ...nothing, abandonedHolds: 1 });
    expect(await statuses(slots)).toEqual(['available']);
  });

  test('removes hints to keys that are sold or that an order keeps, and leaves those to be tried again', async () => {
    await published('seg_a', 3);
    const { slots } = await allocated(3, OTHERS);
    await releaseKeys(stock, heldBy(OTHERS, slots));
    const [sold, kept] = (await allocated(2)).slots as [SlotRef, SlotRef];
    await sellKeys(stock, heldBy(MINE, [sold]));
    expect((await stock.hints.page('seg_a')).hints).toHaveLength(3);
    await sweep('undecided');
    expect((await stock.hints.page('seg_a')).hints).toHaveLength(2);
    await sweep('kept');
    const left = (await stock.hints.page('seg_a')).hints.map(({ index }) => index);
    expect(left).toEqual(
      slots.map(({ index }) => index).filter((it) => it !== sold.index && it !== kept.index),
    );
  });

  test('stops looking at a segment that has nothing left, until a key comes back to it', async () => {
    await published('seg_a', 1);
    const { slots } = await allocated(1);
    for (let run = 0; run < 3; run += 1) await sweep();
    expect(await rows()).toEqual([]);
    await releaseKeys(stock, heldBy(MINE, slots));
    expect(await rows()).toMatchObject([{ segmentId: 'seg_a' }]);
  });

  test('forgets a segment that was never published', async () => {
    await stock.live.add('seg_ghost');
    expect(await sweep()).toEqual(nothing);
    expect(await rows()).toEqual([]);
  });
});
