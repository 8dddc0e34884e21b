import type { ProductContent, ProductDraft } from '../../contract/catalog';
import { conflict, notFound } from '../../kernel/errors';
import type { Instant } from '../../kernel/time';

interface ProductFacts {
  readonly merchantId: string;
  readonly productId: string;
  readonly kind: 'card_key';
  /** Counts every change, from 1. */
  readonly revision: number;
  readonly draft: ProductContent;
  /** Every SKU it ever had: one that was removed may come back, and finds its stock. */
  readonly skuIds: readonly string[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** Never on sale so far. */
export type DraftProduct = ProductFacts & { readonly status: 'draft'; readonly publishedVersion?: undefined };

/** `publishedVersion` is what is on sale. */
export type PublishedProduct = ProductFacts & {
  readonly status: 'published';
  readonly publishedVersion: number;
};

/** `publishedVersion` is what was on sale last. */
export type UnpublishedProduct = ProductFacts & {
  readonly status: 'unpublished';
  readonly publishedVersion: number;
};

/*
 * draft --publish--> published --unpublish--> unpublished --publish--> published
 * published --publish--> published; an edit changes no status.
 */
export type Product = DraftProduct | PublishedProduct | UnpublishedProduct;

/** What was put on sale at a time. Never changes, so that an order refers to it instead of copying it. */
export interface ProductVersion {
  readonly productId: string;
  /** From 1, one more with each publication. */
  readonly version: number;
  readonly content: ProductContent;
}

type NewSkuId = () => string;

/** Throws `catalog.sku_not_found`: a new product has no SKU that its draft could name. */
export function newProduct(
  ids: Pick<Product, 'merchantId' | 'productId'>,
  draft: ProductDraft,
  newSkuId: NewSkuId,
  now: Instant,
): DraftProduct {
  const content = identified(draft, [], newSkuId);
  return {
    ...ids,
    kind: 'card_key',
    status: 'draft',
    revision: 1,
    draft: content,
    skuIds: skuIdsOf(content),
    createdAt: now,
    updatedAt: now,
  };
}

/** What is on sale stays as it is. Throws `catalog.sku_not_found` for a SKU that the product never had. */
export function edit(product: Product, draft: ProductDraft, newSkuId: NewSkuId, now: Instant): Product {
  const content = identified(draft, product.skuIds, newSkuId);
  const skuIds = [...new Set([...product.skuIds, ...skuIdsOf(content)])];
  return { ...changed(product, now), draft: content, skuIds };
}

/**
 * Puts the draft on sale. Always as a new version, even when the draft is unchanged: nothing has to be compared or
 * remembered, and all it costs is that a buyer in the middle of ordering looks at the product once more.
 */
export function publish(product: Product, now: Instant): PublishedProduct {
  const publishedVersion = (product.publishedVersion ?? 0) + 1;
  return { ...changed(product, now), status: 'published', publishedVersion };
}

export const unpublish = (product: PublishedProduct, now: Instant): UnpublishedProduct => ({
  ...changed(product, now),
  status: 'unpublished',
});

/** The version that a published product's draft becomes. */
export const versionOf = ({ productId, publishedVersion, draft }: PublishedProduct): ProductVersion => ({
  productId,
  version: publishedVersion,
  content: draft,
});

/** Whoever decides must have seen what stands. Throws `catalog.revision_changed`. */
export function assertSeen(product: Product, seenRevision: number): void {
  if (product.revision !== seenRevision) throw revisionChanged();
}

export const revisionChanged = () => conflict('catalog.revision_changed');

/** Whether keys can be stocked for the SKU: it is in the draft. */
export const hasSku = ({ draft }: Pick<Product, 'draft'>, skuId: string): boolean =>
  draft.skus.some((sku) => sku.skuId === skuId);

const changed = <P extends Product>(product: P, now: Instant): P => ({
  ...product,
  revision: product.revision + 1,
  updatedAt: now,
});

const skuIdsOf = ({ skus }: ProductContent): string[] => skus.map(({ skuId }) => skuId);

function identified(draft: ProductDraft, known: readonly string[], newSkuId: NewSkuId): ProductContent {
  const skus = draft.skus.map(({ skuId = newSkuId(), ...sku }) => ({ ...sku, skuId }));
  const unknown = draft.skus.some(({ skuId }) => skuId !== undefined && !known.includes(skuId));
  if (unknown) throw notFound('catalog.sku_not_found');
  return { ...draft, skus };
}
