/** An amount in the currency's minor unit (CNY: fen), always a safe integer. */
export interface Money {
  readonly amountCents: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
}

export function money(amountCents: number, currency: string): Money {
  if (!Number.isSafeInteger(amountCents)) throw new RangeError('an amount is a safe integer of minor units');
  if (!/^[A-Z]{3}$/.test(currency)) throw new RangeError('a currency is three upper-case letters');
  return { amountCents, currency };
}

export const sameMoney = (a: Money, b: Money): boolean =>
  a.amountCents === b.amountCents && a.currency === b.currency;

/** `quantity` times a unit price; throws RangeError when the product is no safe integer. */
export const times = (unit: Money, quantity: number): Money =>
  money(unit.amountCents * quantity, unit.currency);
