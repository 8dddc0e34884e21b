import fc from 'fast-check';
import { DomainError } from '../../../lambdas/kernel/errors';
import { cancelOrder } from '../../../lambdas/orders/app/cancel-order';
import { deliverOrder } from '../../../lambdas/orders/app/deliver-order';
import { meetDeadline } from '../../../lambdas/orders/app/meet-deadline';
import { sweepHolds } from '../../../lambdas/orders/app/sweep-holds';
import { holderOf, releaseKeys } from '../../../lambdas/vault';
import { MINUTES, type OrderRig, orderRig } from '../../support/order-rig';

const SIZE = 8;
const SEGMENT = 'seg_0000000001';

const step = fc.oneof(
  fc.record({ kind: fc.constant('place' as const), pick: fc.integer({ min: 1, max: 5 }) }),
  fc.record({
    kind: fc.constantFrom('pay', 'cancel', 'expire', 'crash', 'sweep', 'release', 'ticket'),
    pick: fc.nat(),
  }),
);

test('every key of a segment is in one place, and its cursor tells the truth, after whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 12 }), async (steps) => {
      const rig = await orderRig({
        keys: SIZE,
        settings: { unpaidOrdersPerClient: 20, heldKeysPerClient: 100 },
      });
      const orderIds: string[] = [];
      for (const { kind, pick } of steps) {
        await take(rig, kind, pick, orderIds);
        await expectSound(rig);
      }
    }),
    { numRuns: 12, seed: 1 },
  );
}, 120_000);

async function take(rig: OrderRig, kind: string, pick: number, orderIds: string[]): Promise<void> {
  const { ports, stock } = rig;
  const orderId = orderIds[pick % Math.max(1, orderIds.length)];
  try {
    if (kind === 'place') orderIds.push((await rig.placed({ quantity: pick })).orderId);
    // A worker that dies between cursor and hold.
    if (kind === 'ticket') {
      const { pool } = (await stock.segments.find(SEGMENT)) ?? { pool: 'none#none' };
      await stock.segments.bump(SEGMENT, { pool, quantity: 1, outlive: rig.now() });
    }
    if (kind === 'crash') {
      await stock.slots.hold({ segmentId: SEGMENT, index: pick % SIZE }, holderOf('ord_gone', 1), rig.now());
    }
    if (kind === 'sweep') await sweepHolds(ports);
    if (orderId === undefined) return;
    const order = await rig.order(orderId);
    if (kind === 'pay') {
      await rig.pay(orderId, 'T1', order);
      await deliverOrder(ports, orderId);
    }
    if (kind === 'cancel') await cancelOrder(ports, rig.claimOf(orderId));
    if (kind === 'expire') {
      rig.advance(20 * MINUTES);
      await meetDeadline(ports, order);
    }
    // One that comes late, or to somebody else's key.
    if (kind === 'release') {
      const slot = { segmentId: SEGMENT, index: pick % SIZE };
      await releaseKeys(stock, [{ slot, holder: holderOf(orderId, 9) }]);
    }
  } catch (error) {
    if (!(error instanceof DomainError) && !`${error}`.includes('cannot be delivered')) throw error;
  }
}

async function expectSound({ stock }: OrderRig): Promise<void> {
  const segment = await stock.segments.find(SEGMENT);
  const slots = await stock.slots.findMany(
    Array.from({ length: SIZE }, (_, index) => ({ segmentId: SEGMENT, index })),
  );
  expect(slots).toHaveLength(SIZE);
  expect(segment?.avail).toBeGreaterThanOrEqual(0);
  expect((segment?.head ?? 0) + (segment?.avail ?? 0)).toBe(SIZE);
  for (const { status, holder } of slots) {
    expect(holder !== undefined).toBe(status === 'held' || status === 'sold' || status === 'revealed');
  }
}
