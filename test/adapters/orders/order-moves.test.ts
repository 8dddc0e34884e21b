import fc from 'fast-check';
import { DynamoDbOrderStore } from '../../../lambdas/orders/adapters/dynamodb-order-store';
import type { OrderStore } from '../../../lambdas/orders/app/ports';
import { type Order, orderTransitions } from '../../../lambdas/orders/domain/order';
import { anOrder } from '../../support/an-order';
import { createTable } from '../../support/tables';

const key = (attempt: number) => ({ slotId: 'seg_0000000001.0', attempt });
const AT = '2026-01-31T08:05:00.000Z';
const payment = (transactionId: string) => ({ gateway: 'sandbox', transactionId });

type Move = (store: OrderStore, order: Order) => Promise<Order | 'raced'>;

const moves: Record<string, Move> = {
  takeOver: (store, order) =>
    store.takeOver(order, { now: '2026-01-31T09:00:00.000Z', until: '2026-01-31T08:30:00.000Z' }),
  awaitPayment: (store, order) => store.awaitPayment(order, [key(order.attempt)], AT),
  declareSoldOut: (store, order) => store.declareSoldOut(order, AT),
  expire: (store, order) => store.expire(order, { actor: 'system', reason: 'deadline', at: AT }),
  cancel: (store, order) => store.expire(order, { actor: 'buyer', reason: 'buyer', at: AT }),
  markReleased: (store, order) => store.markReleased(order),
  pay: (store, order) => store.pay(order, payment('T1'), AT),
  payTwice: (store, order) => store.pay(order, payment('T2'), AT),
  reopen: (store, order) => store.reopen(order, payment('T3'), AT),
  dropKeys: (store, order) => store.dropKeys(order, order.keys.slice(0, 1), AT),
  restore: (store, order) => store.restore(order, [key(order.attempt)], AT),
  declareRefundDue: (store, order) => store.declareRefundDue(order, AT),
  deliver: (store, order) => store.deliver(order, AT),
};

/** Moves by workers that saw the order now or some moves ago, those that lead on more often than chance has them. */
const step = fc.record({
  move: fc.constantFrom(...Object.keys(moves)),
  seenAgo: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) }),
});

test('whoever moves an order by whatever it saw, it goes only the ways of the table and forgets nothing', async () => {
  const store = new DynamoDbOrderStore(await createTable('orders'));
  let count = 0;
  const entered = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
      count += 1;
      const orderId = `ord_${count}`;
      await store.create(anOrder({ orderId }));
      const states = [await load(store, orderId)];
      for (const { move, seenAgo } of steps) {
        const before = states.at(-1) ?? anOrder();
        const outcome = await moves[move]?.(store, states.at(-1 - seenAgo) ?? before);
        const after = await load(store, orderId);
        if (outcome === 'raced') expect(after).toEqual(before);
        else expect(after).toEqual(outcome);
        if (after.status !== before.status) expect(orderTransitions[before.status]).toContain(after.status);
        expect(after.attempt).toBeGreaterThanOrEqual(before.attempt);
        expect(after.timeline.slice(0, before.timeline.length)).toEqual(before.timeline);
        if (before.payment) expect(after.payment).toEqual(before.payment);
        states.push(after);
        entered.add(after.status);
      }
    }),
    { numRuns: 35, seed: 1 },
  );
  expect([...entered].sort()).toEqual(Object.keys(orderTransitions).sort());
}, 60_000);

async function load(store: OrderStore, orderId: string): Promise<Order> {
  const order = await store.find(orderId);
  if (order === undefined) throw new Error('the order is gone');
  return order;
}
