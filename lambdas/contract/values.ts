import * as z from 'zod';

/** Schemas of values that appear in many places; their messages name the fix. */

const id = (prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{10,40}$`), `is an id that begins with ${prefix}_`)
    .meta({ examples: [`${prefix}_0m5t8r2k9w4x6y1z`] });

export const merchantId = id('mer');
export const productId = id('prd');
export const skuId = id('sku');
export const lotId = id('lot');
export const orderId = id('ord');

export const shopSlug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])$/, 'is 3 to 40 lower-case letters, digits and inner hyphens')
  .meta({ examples: ['demo'] });

export const instant = z.iso
  .datetime({ message: 'is a UTC time in ISO 8601, such as 2026-01-31T08:00:00Z' })
  .transform((text) => new Date(text).toISOString())
  .meta({ examples: ['2026-01-31T08:00:00.000Z'] });

export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'is an ISO 4217 code of three upper-case letters')
  .meta({ examples: ['CNY'] });

/** Up to ten million major units: far above any price here, far below where sums lose exactness. */
export const priceCents = z
  .int('is a whole number of minor units (fen, cents)')
  .min(1, 'is at least 1')
  .max(1_000_000_000, 'is at most 1000000000')
  .meta({ description: 'In minor units of the currency (CNY: fen).', examples: [990] });

/** Text in both languages of the product. */
export const localizedText = (maxLength: number) => {
  const text = z.string().trim().min(1, 'is not empty').max(maxLength, `has at most ${maxLength} characters`);
  return z.strictObject({ 'zh-CN': text, en: text });
};
export type LocalizedText = z.infer<ReturnType<typeof localizedText>>;

/** Who buys: an e-mail address or a phone number; kept in the form that compares equal. */
export const contact = z
  .string()
  .trim()
  .max(254, 'has at most 254 characters')
  .transform((text) => (text.includes('@') ? text.toLowerCase() : text.replace(/[\s-]/g, '')))
  .refine(
    (text) => /^[^\s@\p{C}]{1,64}@[^\s@\p{C}]+\.[^\s@\p{C}]+$/u.test(text) || /^\+?\d{5,20}$/.test(text),
    'is an e-mail address or a phone number',
  )
  .meta({ examples: ['buyer@example.com'] });

export const idempotencyKey = z
  .uuid('is a UUID, new for each order and the same for each repeat of it')
  .transform((text) => text.toLowerCase())
  .meta({ examples: ['0f8b6c1e-6c3c-4a38-9f5a-3f6f2f1f9a10'] });

/** How a list is paged: an opaque cursor from the page before. */
export const page = z.object({
  limit: z.coerce
    .number()
    .int('is a whole number')
    .min(1, 'is at least 1')
    .max(100, 'is at most 100')
    .default(50),
  cursor: z.string().max(500, 'is the nextCursor of an earlier answer').optional(),
});

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });
