import { NEVER } from '../../lambdas/kernel/time';
import type { Segment } from '../../lambdas/vault/domain/segment';
import type { Injected } from '../support/chaos-client';
import { seededRandom } from '../support/seeded-random';
import { readBooks, sellable, violations } from './audit';
import { inDays, Market, type Weakness } from './market';

export interface RunReport {
  readonly seed: number;
  readonly orders: Record<string, number>;
  readonly keys: Record<string, number>;
  readonly injected: Injected;
  readonly simulatedHours: number;
  readonly seconds: number;
  readonly violations: readonly string[];
}

const SKUS = ['sku_000000000a', 'sku_000000000b', 'sku_000000000c', 'sku_000000000d', 'sku_000000000e'];
const BUYERS = 60;
/** Longer than the longest pause and the latest payment take together. */
const STORM_MINUTES = 110;

type NewSegment = Partial<Segment> & Pick<Segment, 'segmentId' | 'size'>;

/** `name` begins with the letter of its SKU. */
const segment = (name: string, size: number, expiresAt = NEVER): NewSegment => ({
  segmentId: `seg_00000000${name}`,
  skuId: `sku_000000000${name[0]}`,
  size,
  expiresAt,
});

/** Little of each, so that buyers get in each other's way. */
const STOCK = [
  segment('a1', 4),
  segment('a2', 4),
  segment('b1', 4, inDays(2)),
  segment('b2', 4, inDays(2)),
  segment('b3', 3),
  segment('c1', 6),
  segment('d1', 5),
  segment('e1', 5),
];
const IMPORTS = [segment('a3', 4), segment('c2', 5, inDays(30)), segment('b4', 4, inDays(1))];
const RECALLED = 'seg_00000000b1';
const PAUSED = 'seg_00000000a2';

/** A whole sale under faults, then peace, then the audit; what is left is sold out and audited again. */
export async function allocationRun(seed: number, weakness: Weakness = {}): Promise<RunReport> {
  const begun = Date.now();
  const random = seededRandom(seed);
  const crash = 0.03 + 0.05 * random.next();
  const market = await Market.open(
    random,
    {
      crash,
      lostAnswer: 0.02,
      throttle: 0.02,
      transactionConflict: 0.005,
      pause: 0.01,
      pauseSeconds: [31, 25 * 60],
    },
    SKUS,
    weakness,
  );

  for (const one of STOCK) await market.simulation.finish(market.importSegment(one));
  market.chaos.storm();
  for (let n = 0; n < BUYERS; n += 1) void market.buyer(`buyer-${seed}-${n}`);
  for (const [n, one] of IMPORTS.entries()) market.at(15 + 12 * n, () => market.importSegment(one));
  for (let n = 0; n < 5; n += 1) {
    const of = random.pick(STOCK);
    const ref = { segmentId: of.segmentId, index: random.between(0, of.size - 1) };
    market.at(random.between(0, 60), () => market.voidSlot(ref));
  }
  market.at(random.between(10, 40), () => market.setSegmentStatus(RECALLED, 'recalled'));
  market.at(20, () => market.setSegmentStatus(PAUSED, 'paused'));
  market.at(35, () => market.setSegmentStatus(PAUSED, 'active'));
  void market.schedule(5 * 60_000, STORM_MINUTES * 60_000);
  market.at(STORM_MINUTES, async () => market.chaos.calm());
  await market.simulation.run();
  await market.drain(40);
  const after = await readBooks(market);
  const found = violations(after, market);

  if (found.length === 0) found.push(...(await sellOut(market)));
  const books = await readBooks(market);
  return {
    seed,
    orders: countBy(after.orders.map((order) => order.status)),
    keys: countBy(books.slots.map((slot) => slot.status)),
    injected: market.chaos.injected,
    simulatedHours: Math.round(
      market.simulation.now() / 3_600_000 - Date.parse('2026-01-31T08:00Z') / 3_600_000,
    ),
    seconds: (Date.now() - begun) / 1000,
    violations: found,
  };
}

/** Every key that is not voided, recalled or expired can be bought; and every key is shown to its buyer alone. */
async function sellOut(market: Market): Promise<string[]> {
  for (const skuId of SKUS) {
    for (const quantity of [5, 1]) {
      for (let n = 0; ; n += 1) {
        const bought = await market.buyAtOnce(`last-${skuId}-${quantity}-${n}`, skuId, quantity);
        if (bought.kind !== 'done') break;
      }
    }
  }
  await market.drain(20);
  const books = await readBooks(market);
  for (const { orderId, status } of books.orders) {
    if (status !== 'delivered') continue;
    const shown = await market.simulation.finish(
      market.reveal({ orderId, orderToken: `token of ${orderId}` }, 3),
    );
    if (!shown) return [`the keys of ${orderId} cannot be shown`];
  }
  const left = sellable(books, market.simulation.clock().toISOString());
  return [
    ...violations(await readBooks(market), market),
    ...left.map((slot) => `lost key: ${slot.slotId} is available and nobody can buy it`),
  ];
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
