import fc from 'fast-check';
import { hasSku } from '../../../lambdas/catalog';
import {
  assertSeen,
  edit,
  newProduct,
  type Product,
  publish,
  unpublish,
  versionOf,
} from '../../../lambdas/catalog/domain/product';
import { productContent } from '../../../lambdas/contract/catalog';
import { countingIds } from '../../support/counting-ids';
import { productDraft, skuDraft } from '../../support/product-drafts';

const EARLIER = '2026-01-31T08:00:00.000Z';
const LATER = '2026-01-31T09:00:00.000Z';
const ids = { merchantId: 'mer_0000000001', productId: 'prd_0000000001' };

function skuIds() {
  const newId = countingIds();
  return () => newId('sku');
}

const aProduct = (newSkuId = skuIds()) => newProduct(ids, productDraft(), newSkuId, EARLIER);

describe('a product', () => {
  test('begins as a draft of revision 1 whose content the contract accepts', () => {
    const product = aProduct();
    expect(product).toMatchObject({ ...ids, status: 'draft', revision: 1, createdAt: EARLIER });
    expect(productContent.parse(product.draft)).toEqual(product.draft);
  });

  test('cannot begin with a SKU that it never had', () => {
    const draft = productDraft({ skus: [skuDraft({ skuId: 'sku_0000000009' })] });
    expect(() => newProduct(ids, draft, skuIds(), EARLIER)).toThrow('catalog.sku_not_found');
  });

  test('keeps the ids of its SKUs through an edit and gives new ones their own', () => {
    const newSkuId = skuIds();
    const product = aProduct(newSkuId);
    const kept = { ...product.draft.skus[0], priceCents: 500 } as (typeof product.draft.skus)[number];
    const edited = edit(product, productDraft({ skus: [skuDraft(), kept] }), newSkuId, LATER);
    expect(edited.draft.skus.map(({ skuId, priceCents }) => [skuId, priceCents])).toEqual([
      ['sku_0000000002', 990],
      ['sku_0000000001', 500],
    ]);
  });

  test('refuses an edit that names a SKU of another product', () => {
    const draft = productDraft({ skus: [skuDraft({ skuId: 'sku_0000000009' })] });
    expect(() => edit(aProduct(), draft, skuIds(), LATER)).toThrow('catalog.sku_not_found');
  });

  test('takes a removed SKU back under its old id, and has it only while it is in the draft', () => {
    const newSkuId = skuIds();
    const product = aProduct(newSkuId);
    const removed = edit(product, productDraft(), newSkuId, LATER);
    expect(hasSku(removed, 'sku_0000000001')).toBe(false);
    const restored = edit(
      removed,
      productDraft({ skus: [skuDraft({ skuId: 'sku_0000000001' })] }),
      newSkuId,
      LATER,
    );
    expect(hasSku(restored, 'sku_0000000001')).toBe(true);
  });

  test('sells the draft as it was published, whatever is edited afterwards', () => {
    const newSkuId = skuIds();
    const published = publish(aProduct(newSkuId), LATER);
    const version = versionOf(published);
    const edited = edit(published, productDraft({ skus: [skuDraft({ priceCents: 1 })] }), newSkuId, LATER);
    expect(edited).toMatchObject({ status: 'published', publishedVersion: 1 });
    expect(version).toEqual({ productId: ids.productId, version: 1, content: published.draft });
  });

  test('can be decided about by those alone who have seen its revision', () => {
    const product = publish(aProduct(), LATER);
    expect(() => assertSeen(product, 2)).not.toThrow();
    expect(() => assertSeen(product, 1)).toThrow('catalog.revision_changed');
    expect(() => assertSeen(product, 3)).toThrow('catalog.revision_changed');
  });

  test('counts every change, never sells one version number twice, and never becomes a draft again', () => {
    const step = fc.constantFrom('edit', 'publish', 'unpublish');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const newSkuId = skuIds();
        let product: Product = aProduct(newSkuId);
        const versions: number[] = [];
        for (const next of steps) {
          const before: Product = product;
          if (next === 'edit') product = edit(before, productDraft(), newSkuId, LATER);
          else if (next === 'publish') product = publish(before, LATER);
          else if (before.status === 'published') product = unpublish(before, LATER);
          else continue;
          expect(product.revision).toBe(before.revision + 1);
          if (before.status !== 'draft') expect(product.status).not.toBe('draft');
          if (next === 'publish') versions.push(product.publishedVersion ?? 0);
        }
        expect(versions).toEqual(versions.map((_, i) => i + 1));
      }),
    );
  });
});
