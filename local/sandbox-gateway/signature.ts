import { createHmac, timingSafeEqual } from 'node:crypto';

export type Fields = Readonly<Record<string, string>>;

/** HMAC-SHA-256, in hex, over the fields sorted by name and joined as `name=value` with `&`. */
export const signatureOf = (fields: Fields, secret: string): string =>
  createHmac('sha256', secret)
    .update(
      Object.entries(fields)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}=${value}`)
        .join('&'),
    )
    .digest('hex');

/** Whether `sign` is the other fields' signature. */
export function isSigned({ sign = '', ...fields }: Fields, secret: string): boolean {
  const given = Buffer.from(sign);
  const expected = Buffer.from(signatureOf(fields, secret));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
