import fc from 'fast-check';
import { base32, idOf } from '../../../lambdas/kernel/ids';
import { money, sameMoney, times } from '../../../lambdas/kernel/money';
import { epochSeconds, NEVER, plusSeconds, secondsBetween, toInstant } from '../../../lambdas/kernel/time';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('ids', () => {
  test('hold five bits a character, in letters that nobody misreads', () => {
    expect(base32(Uint8Array.of())).toBe('');
    expect(base32(Uint8Array.of(0))).toBe('00');
    expect(base32(Uint8Array.of(255))).toBe('zw');
    expect(base32(Uint8Array.of(0, 1, 2, 3, 4))).toBe('000g40r4');
    expect(idOf('ord', Uint8Array.of(255, 255, 255, 255, 255))).toBe('ord_zzzzzzzz');
    fc.assert(fc.property(fc.uint8Array(), (some) => /^[0-9a-hjkmnp-tv-z]*$/.test(base32(some))));
  });

  test('of different bytes differ and sort as their bytes do', () => {
    fc.assert(
      fc.property(bytes(16), bytes(16), (a, b) => {
        const order = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0);
        expect(order(base32(a), base32(b))).toBe(Math.sign(Buffer.compare(a, b)));
      }),
    );
  });
});

describe('money', () => {
  const cents = fc.integer({ min: 0, max: 1_000_000_000 });

  test('times a quantity is as much as that many of it added up', () => {
    fc.assert(
      fc.property(cents, fc.integer({ min: 0, max: 100 }), (amount, quantity) => {
        const sum = Array.from({ length: quantity }, () => amount).reduce((a, b) => a + b, 0);
        expect(times(money(amount, 'CNY'), quantity)).toEqual({ amountCents: sum, currency: 'CNY' });
      }),
    );
  });

  test.each([0.1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('there is no amount of %p', (amount) => {
    expect(() => money(amount, 'CNY')).toThrow(RangeError);
  });

  test('a product that is not exact is refused', () => {
    expect(() => times(money(2 ** 52, 'CNY'), 4)).toThrow(RangeError);
    expect(() => times(money(990, 'CNY'), 0.25)).toThrow(RangeError);
  });

  test.each(['', 'cny', 'CN', 'CNYX', '元'])('there is no currency %p', (currency) => {
    expect(() => money(1, currency)).toThrow(RangeError);
  });

  test('is the same by amount and currency', () => {
    expect(sameMoney(money(1, 'CNY'), money(1, 'CNY'))).toBe(true);
    expect(sameMoney(money(1, 'CNY'), money(2, 'CNY'))).toBe(false);
    expect(sameMoney(money(1, 'CNY'), money(1, 'USD'))).toBe(false);
  });
});

describe('time', () => {
  const moments = fc.date({
    min: new Date('2000-01-01T00:00:00Z'),
    max: new Date('2100-01-01T00:00:00Z'),
    noInvalidDate: true,
  });

  test('sorts as text, and never comes after all of it', () => {
    fc.assert(
      fc.property(moments, moments, (a, b) => {
        expect(toInstant(a) < toInstant(b)).toBe(a.getTime() < b.getTime());
        expect(toInstant(a) < NEVER).toBe(true);
      }),
    );
  });

  test('a moment some seconds on is that many seconds away', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: -1_000_000, max: 1_000_000 }), (date, seconds) => {
        const start = toInstant(date);
        expect(secondsBetween(start, plusSeconds(start, seconds))).toBe(seconds);
      }),
    );
  });

  test('has whole seconds for the time to live', () => {
    expect(epochSeconds('1970-01-01T00:00:01.999Z')).toBe(1);
  });
});
