import type { ProductDraft } from '../../lambdas/contract/catalog';

const both = (text: string) => ({ 'zh-CN': `${text}（中文）`, en: text });

type SkuDraft = ProductDraft['skus'][number];

export const skuDraft = (changes: Partial<SkuDraft> = {}): SkuDraft => ({
  name: both('One month'),
  priceCents: 990,
  tiers: [{ minQuantity: 10, priceCents: 890 }],
  limitPerOrder: 10,
  ...changes,
});

/** A valid draft of a product with one new SKU. */
export const productDraft = (changes: Partial<ProductDraft> = {}): ProductDraft => ({
  name: both('Video card'),
  description: both('A card for videos'),
  instructions: both('Type it in'),
  redeemLink: 'https://example.com/redeem',
  skus: [skuDraft()],
  ...changes,
});
