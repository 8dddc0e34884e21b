import fc from 'fast-check';
import { admit, limitedAddress, type UnpaidOrders } from '../../../lambdas/orders/domain/client-limits';

const LIMITS = { unpaidOrders: 2, heldKeys: 10 };
const at = (minute: number) => new Date(Date.UTC(2026, 0, 31, 8, minute)).toISOString();
const order = fc.record({
  orderId: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'),
  quantity: fc.integer({ min: 1, max: 12 }),
});

/** Requests that come a minute apart, each held for 15 minutes if it is admitted. */
function afterwards(requests: readonly { orderId: string; quantity: number }[]) {
  let unpaid: UnpaidOrders = {};
  const states = requests.map((request, minute) => {
    const admission = admit(unpaid, { ...request, until: at(minute + 15) }, LIMITS, at(minute));
    if (admission.kind === 'admitted') unpaid = admission.unpaid;
    return { minute, admission, unpaid };
  });
  return states;
}

const living = (unpaid: UnpaidOrders, minute: number) =>
  Object.values(unpaid).filter(({ until }) => until > at(minute));

test('whatever a client asks for, its unpaid orders and held keys stay within the limits', () => {
  fc.assert(
    fc.property(fc.array(order, { maxLength: 40 }), (requests) => {
      for (const { minute, unpaid } of afterwards(requests)) {
        const held = living(unpaid, minute);
        expect(held.length).toBeLessThanOrEqual(LIMITS.unpaidOrders);
        expect(held.reduce((sum, { quantity }) => sum + quantity, 0)).toBeLessThanOrEqual(LIMITS.heldKeys);
      }
    }),
  );
});

test('a refused client is told a moment at which something lapses', () => {
  fc.assert(
    fc.property(fc.array(order, { maxLength: 40 }), (requests) => {
      for (const { minute, admission } of afterwards(requests)) {
        if (admission.kind === 'admitted') continue;
        expect(admission.until >= at(minute)).toBe(true);
      }
    }),
  );
});

test('an order that was admitted before is admitted again, and counts once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), (quantity) => {
      const one = { orderId: 'A', quantity, until: at(15) };
      const first = admit({}, one, LIMITS, at(0));
      const unpaid = first.kind === 'admitted' ? first.unpaid : {};
      expect(admit(unpaid, one, LIMITS, at(1))).toEqual({ kind: 'admitted', unpaid });
    }),
  );
});

test('an order counts until its deadline and no longer', () => {
  const unpaid = { A: { quantity: 10, until: at(15) } };
  const other = { orderId: 'B', quantity: 1, until: at(30) };
  expect(admit(unpaid, other, LIMITS, at(14))).toEqual({ kind: 'too_many_held', until: at(15) });
  expect(admit(unpaid, other, LIMITS, at(15))).toMatchObject({ kind: 'admitted' });
});

describe('an address that counts', () => {
  test('is itself when it is of version 4', () => {
    expect(limitedAddress('192.0.2.1')).toBe('192.0.2.1');
  });

  test.each([
    ['2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2:3:4:5:6'],
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::'],
    ['2001:db8::1', '2001:db8:0:0:1::'],
    ['::1', '::ffff:0:1'],
  ])('is the /64 when it is of version 6: %s and %s are one customer', (a, b) => {
    expect(limitedAddress(a)).toBe(limitedAddress(b));
  });

  test('is another one in the next /64', () => {
    expect(limitedAddress('2001:db8:1:2::1')).not.toBe(limitedAddress('2001:db8:1:3::1'));
  });
});
