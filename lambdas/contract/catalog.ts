import * as z from 'zod';
import { routes } from './route';
import { currency, localizedText, page, pageOf, priceCents, productId, shopSlug, skuId } from './values';

const quantityTier = z.strictObject({
  minQuantity: z.int('is a whole number').min(2, 'is at least 2').max(100, 'is at most 100'),
  priceCents,
});

/** The most keys that one order may hold, whatever a SKU allows. */
export const MAX_QUANTITY = 100;

export const sku = z
  .strictObject({
    skuId,
    name: localizedText(80),
    priceCents,
    tiers: z
      .array(quantityTier)
      .max(10, 'has at most 10 tiers')
      .refine(
        (tiers) => tiers.every((tier, i) => i === 0 || tier.minQuantity > (tiers[i - 1]?.minQuantity ?? 0)),
        'has minQuantity rising from tier to tier',
      )
      .default([])
      .meta({ description: 'Unit prices from a quantity on; the highest tier reached counts.' }),
    limitPerOrder: z
      .int('is a whole number')
      .min(1, 'is at least 1')
      .max(MAX_QUANTITY, `is at most ${MAX_QUANTITY}`)
      .default(10),
  })
  .meta({ id: 'Sku' });
export type Sku = z.infer<typeof sku>;

const httpsLink = z
  .url({ protocol: /^https$/, message: 'is an https:// link' })
  .max(500, 'has at most 500 characters');

/** What a merchant writes about a product. Published content never changes: a change is a new version. */
export const productContent = z
  .strictObject({
    name: localizedText(80),
    description: localizedText(4000),
    instructions: localizedText(4000).meta({
      description: 'How to redeem a key; shown with the delivered keys.',
    }),
    redeemLink: httpsLink.optional(),
    skus: z
      .array(sku)
      .min(1, 'has at least one SKU')
      .max(50, 'has at most 50 SKUs')
      .refine((skus) => new Set(skus.map((one) => one.skuId)).size === skus.length, 'has each skuId once'),
  })
  .meta({ id: 'ProductContent' });
export type ProductContent = z.infer<typeof productContent>;

/** As written by a merchant: a SKU without id is new and gets one. */
export const productDraft = productContent.extend({
  skus: z
    .array(sku.extend({ skuId: skuId.optional() }))
    .min(1, 'has at least one SKU')
    .max(50, 'has at most 50 SKUs')
    .refine((skus) => {
      const ids = skus.flatMap((one) => (one.skuId === undefined ? [] : [one.skuId]));
      return new Set(ids).size === ids.length;
    }, 'has each skuId once'),
});
export type ProductDraft = z.infer<typeof productDraft>;

export const productStatus = z.enum(['draft', 'published', 'unpublished']).meta({ id: 'ProductStatus' });
export type ProductStatus = z.infer<typeof productStatus>;

export const product = z
  .object({
    productId,
    kind: z.literal('card_key'),
    status: productStatus,
    revision: z.int().meta({ description: 'Counts every change; send the one you have seen when you edit.' }),
    publishedVersion: z.int().optional(),
    draft: productContent,
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Product' });
export type Product = z.infer<typeof product>;

export const stockLevel = z.enum(['in_stock', 'low', 'sold_out']).meta({ id: 'StockLevel' });
export type StockLevel = z.infer<typeof stockLevel>;

export const shelfProduct = z
  .object({
    productId,
    version: z.int().meta({ description: 'Send it with the order: you buy what you have seen.' }),
    name: localizedText(80),
    description: localizedText(4000),
    currency,
    skus: z.array(sku.extend({ stock: stockLevel })),
  })
  .meta({ id: 'ShelfProduct' });

const productParams = z.object({ productId });
const revisionBody = z.strictObject({
  revision: z.int('is a whole number').min(1, 'is the revision that you have seen'),
});
const catalogRoles = ['owner', 'operator'] as const;
const revisionProblems = ['catalog.product_not_found', 'catalog.revision_changed'] as const;

export const consoleCatalogRoutes = routes({
  createProduct: {
    method: 'POST',
    path: '/products',
    summary: 'Create a card-key product as a draft',
    roles: catalogRoles,
    body: productDraft,
    status: 201,
    response: product,
    problems: ['catalog.sku_not_found'],
  },
  listProducts: {
    method: 'GET',
    path: '/products',
    summary: 'Products of the merchant, newest first',
    roles: ['owner', 'operator', 'finance', 'support'],
    query: page,
    status: 200,
    response: pageOf(product),
    problems: [],
  },
  getProduct: {
    method: 'GET',
    path: '/products/{productId}',
    summary: 'One product with its draft',
    roles: ['owner', 'operator', 'finance', 'support'],
    params: productParams,
    status: 200,
    response: product,
    problems: ['catalog.product_not_found'],
  },
  editProduct: {
    method: 'PUT',
    path: '/products/{productId}',
    summary: 'Replace the draft of a product',
    description: 'What is on sale stays as published until the draft is published.',
    roles: catalogRoles,
    params: productParams,
    body: revisionBody.extend({ draft: productDraft }),
    status: 200,
    response: product,
    problems: [...revisionProblems, 'catalog.sku_not_found'],
  },
  publishProduct: {
    method: 'POST',
    path: '/products/{productId}/publish',
    summary: 'Put the draft on sale as a new immutable version',
    roles: catalogRoles,
    params: productParams,
    body: revisionBody,
    status: 200,
    response: product,
    problems: revisionProblems,
  },
  unpublishProduct: {
    method: 'POST',
    path: '/products/{productId}/unpublish',
    summary: 'Take the product off sale; orders that stand are delivered',
    roles: catalogRoles,
    params: productParams,
    body: revisionBody,
    status: 200,
    response: product,
    problems: revisionProblems,
  },
});

export const storefrontCatalogRoutes = routes({
  getShop: {
    method: 'GET',
    path: '/shops/{shop}',
    summary: 'The shop: its name and currency',
    params: z.object({ shop: shopSlug }),
    status: 200,
    response: z.object({ shop: shopSlug, name: z.string(), currency, paymentDeadlineMinutes: z.int() }),
    problems: ['shops.not_found'],
  },
  listShelf: {
    method: 'GET',
    path: '/shops/{shop}/products',
    summary: 'Products on sale',
    params: z.object({ shop: shopSlug }),
    query: page,
    status: 200,
    response: pageOf(shelfProduct),
    problems: ['shops.not_found'],
  },
  getShelfProduct: {
    method: 'GET',
    path: '/shops/{shop}/products/{productId}',
    summary: 'One product on sale',
    params: z.object({ shop: shopSlug, productId }),
    status: 200,
    response: shelfProduct,
    problems: ['shops.not_found', 'catalog.product_not_found'],
  },
});
