import fc from 'fast-check';
import {
  enteredAt,
  lastEntry,
  leaseLapsed,
  type Order,
  type OrderStatus,
  orderStatuses,
  orderTransitions,
} from '../../../lambdas/orders/domain/order';
import { anOrder } from '../../support/an-order';

const FINAL: readonly OrderStatus[] = ['sold_out', 'delivered', 'refund_due'];
const status = fc.constantFrom(...orderStatuses);

/** Walks the table from `allocating`; each number picks one of the ways that lead on. */
const walk = fc.array(fc.nat()).map((picks) => {
  const path: OrderStatus[] = ['allocating'];
  for (const pick of picks) {
    const ways = orderTransitions[path.at(-1) ?? 'allocating'];
    const next = ways[pick % Math.max(1, ways.length)];
    if (next === undefined) break;
    path.push(next);
  }
  return path;
});

test('no way leads out of a final status', () => {
  for (const final of FINAL) expect(orderTransitions[final]).toEqual([]);
});

test('whatever becomes of an order, it is delivered or repaid only after it was paid or taken up again', () => {
  fc.assert(
    fc.property(walk, (path) => {
      const end = path.at(-1);
      if (end === 'delivered') expect(path).toContain('paid');
      if (end === 'refund_due') expect(path).toContain('reallocating');
      if (path.includes('sold_out')) expect(path).toEqual(['allocating', 'sold_out']);
    }),
  );
});

test('from every status an order can come to an end', () => {
  fc.assert(
    fc.property(status, (from) => {
      const reached = new Set<OrderStatus>([from]);
      for (const one of reached) for (const next of orderTransitions[one]) reached.add(next);
      expect(FINAL.some((final) => reached.has(final))).toBe(true);
    }),
  );
});

test('an order that once was paid never goes back to waiting for its payment', () => {
  fc.assert(
    fc.property(walk, (path) => {
      const paid = path.findIndex((one) => one === 'paid' || one === 'reallocating');
      if (paid >= 0) expect(path.slice(paid)).not.toContain('pending_payment');
    }),
  );
});

test('a lease lapses at its very end, and none is no lease', () => {
  const order = (leaseUntil?: string): Order => anOrder(leaseUntil === undefined ? {} : { leaseUntil });
  expect(leaseLapsed(order('2026-01-31T08:00:30.000Z'), '2026-01-31T08:00:29.999Z')).toBe(false);
  expect(leaseLapsed(order('2026-01-31T08:00:30.000Z'), '2026-01-31T08:00:30.000Z')).toBe(true);
  expect(leaseLapsed(order(), '2026-01-31T08:00:00.000Z')).toBe(true);
});

test('the time line tells the last transition, and when a status was entered last', () => {
  const paidAt = (minute: number) => `2026-01-31T08:0${minute}:00.000Z`;
  const order = anOrder({
    timeline: [
      { at: paidAt(0), status: 'allocating', actor: 'buyer' },
      { at: paidAt(1), status: 'paid', actor: 'gateway' },
      { at: paidAt(2), status: 'reallocating', actor: 'system', reason: 'key_lost' },
      { at: paidAt(3), status: 'paid', actor: 'system' },
    ],
  });
  expect(lastEntry(order).at).toBe(paidAt(3));
  expect(enteredAt(order, 'paid')).toBe(paidAt(3));
  expect(enteredAt(order, 'delivered')).toBeUndefined();
});
