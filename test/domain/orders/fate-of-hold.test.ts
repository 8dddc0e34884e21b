import fc from 'fast-check';
import { fateOfHold } from '../../../lambdas/orders/domain/fate-of-hold';
import { orderStatuses } from '../../../lambdas/orders/domain/order';
import { anOrder } from '../../support/an-order';

const SLOT = 'seg_0000000001.0';
const status = fc.constantFrom(...orderStatuses);
const attempt = fc.integer({ min: 1, max: 5 });
const allocates = (one: string) => one === 'allocating' || one === 'reallocating';

test('a hold that the order lists in that attempt is kept, whatever the order’s status', () => {
  fc.assert(
    fc.property(status, attempt, attempt, (is, now, held) => {
      const order = anOrder({ status: is, attempt: now, keys: [{ slotId: SLOT, attempt: held }] });
      expect(fateOfHold(order, { slotId: SLOT, attempt: held })).toBe('kept');
    }),
  );
});

test('a hold of another attempt than the one listed is not kept: the key may have been lost and found again', () => {
  fc.assert(
    fc.property(status, attempt, attempt, (is, listed, held) => {
      fc.pre(listed !== held);
      const order = anOrder({ status: is, attempt: 5, keys: [{ slotId: SLOT, attempt: listed }] });
      expect(fateOfHold(order, { slotId: SLOT, attempt: held })).not.toBe('kept');
    }),
  );
});

test('nothing is decided while the attempt may still be running, and only then', () => {
  fc.assert(
    fc.property(status, attempt, attempt, (is, now, held) => {
      const fate = fateOfHold(anOrder({ status: is, attempt: now }), { slotId: SLOT, attempt: held });
      expect(fate).toBe(allocates(is) && held >= now ? 'undecided' : 'abandoned');
    }),
  );
});

test('a hold for an order that never came to be is abandoned', () => {
  expect(fateOfHold(undefined, { slotId: SLOT, attempt: 1 })).toBe('abandoned');
});
