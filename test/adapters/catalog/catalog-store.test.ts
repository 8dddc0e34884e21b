import { DynamoDbCatalogStore } from '../../../lambdas/catalog';
import type { ProductStore, Shelf, VersionArchive } from '../../../lambdas/catalog/app/ports';
import { edit, newProduct, publish, unpublish, versionOf } from '../../../lambdas/catalog/domain/product';
import { timeOrderedId } from '../../../lambdas/runtime/time-ordered-id';
import { failWrites } from '../../support/fail-writes';
import { MemoryCatalogStore } from '../../support/memory-catalog-store';
import { productDraft, skuDraft } from '../../support/product-drafts';
import { settableClock } from '../../support/settable-clock';
import { createTable } from '../../support/tables';

type Store = ProductStore & Shelf & VersionArchive;

const MERCHANT = 'mer_0000000001';
const NOW = '2026-01-31T08:00:00.000Z';

const stores: Record<string, () => Promise<Store>> = {
  'in memory': async () => new MemoryCatalogStore(),
  'on DynamoDB': async () => new DynamoDbCatalogStore(await createTable('catalog')),
};

const { clock, advance } = settableClock();
const newId = timeOrderedId(clock);
const newSkuId = () => newId('sku');

function aProduct(merchantId = MERCHANT, draft = productDraft()) {
  advance(1);
  return newProduct({ merchantId, productId: newId('prd') }, draft, newSkuId, NOW);
}

async function created(store: Store, merchantId = MERCHANT) {
  const product = aProduct(merchantId);
  await store.createProduct(product);
  return product;
}

async function onSale(store: Store, merchantId = MERCHANT) {
  const product = publish(await created(store, merchantId), NOW);
  await store.putOnSale(product);
  return product;
}

describe.each(Object.entries(stores))('the catalog %s', (_where, newStore) => {
  test('a product is read as it was written, in every status', async () => {
    const store = await newStore();
    const draft = aProduct(
      MERCHANT,
      productDraft({ redeemLink: undefined, skus: [skuDraft({ tiers: [] })] }),
    );
    await store.createProduct(draft);
    expect(await store.findProduct(MERCHANT, draft.productId)).toEqual(draft);

    const published = publish(draft, NOW);
    expect(await store.putOnSale(published)).toBe('on_sale');
    expect(await store.findProduct(MERCHANT, draft.productId)).toEqual(published);

    const edited = edit(published, productDraft(), newSkuId, NOW);
    expect(await store.replaceDraft(edited)).toBe('replaced');
    expect(await store.findProduct(MERCHANT, draft.productId)).toEqual(edited);

    const unpublished = unpublish({ ...published, revision: edited.revision }, NOW);
    expect(await store.takeOffSale(unpublished)).toBe('off_sale');
    expect(await store.findProduct(MERCHANT, draft.productId)).toEqual(unpublished);
  });

  test('a product cannot be created over another', async () => {
    const store = await newStore();
    const product = await onSale(store);
    await expect(store.createProduct({ ...aProduct(), productId: product.productId })).rejects.toThrow();
    expect(await store.findProduct(MERCHANT, product.productId)).toEqual(product);
  });

  test('what is published is on the shelf and in the archive, and leaves the shelf alone', async () => {
    const store = await newStore();
    const product = await onSale(store);
    const { productId } = product;
    expect(await store.findOnShelf(MERCHANT, productId)).toEqual(versionOf(product));
    expect(await store.loadVersion(MERCHANT, productId, 1)).toEqual(versionOf(product));

    await store.takeOffSale(unpublish(product, NOW));
    expect(await store.findOnShelf(MERCHANT, productId)).toBeUndefined();
    expect(await store.loadVersion(MERCHANT, productId, 1)).toEqual(versionOf(product));
  });

  test('an old version stays as it was when a new one goes on sale', async () => {
    const store = await newStore();
    const first = await onSale(store);
    const edited = edit(first, productDraft({ skus: [skuDraft({ priceCents: 1 })] }), newSkuId, NOW);
    await store.replaceDraft(edited);
    const second = publish(edited, NOW);
    expect(await store.putOnSale(second)).toBe('on_sale');
    expect(await store.loadVersion(MERCHANT, first.productId, 1)).toEqual(versionOf(first));
    expect(await store.findOnShelf(MERCHANT, first.productId)).toEqual(versionOf(second));
  });

  test('a version that never was is not found', async () => {
    const store = await newStore();
    const { productId } = await onSale(store);
    await expect(store.loadVersion(MERCHANT, productId, 2)).rejects.toThrow('catalog.product_not_found');
  });

  test('of many who change one revision at the same time, one does, and all agree on what is on sale', async () => {
    const store = await newStore();
    const product = await onSale(store);
    const { productId } = product;
    const outcomes = await Promise.all([
      store.replaceDraft(edit(product, productDraft(), newSkuId, NOW)),
      store.putOnSale(publish(product, NOW)),
      store.putOnSale(publish(product, NOW)),
      store.takeOffSale(unpublish(product, NOW)),
    ]);
    expect(outcomes.filter((outcome) => outcome !== 'revision_changed')).toHaveLength(1);
    const stands = await store.findProduct(MERCHANT, productId);
    expect(stands?.revision).toBe(3);
    const shown = await store.findOnShelf(MERCHANT, productId);
    expect(shown?.version).toBe(stands?.status === 'published' ? stands.publishedVersion : undefined);
  });

  test('who has lost leaves the shelf and the archive as they are', async () => {
    const store = await newStore();
    const product = await onSale(store);
    const late = { ...publish(product, NOW), revision: product.revision };
    expect(await store.putOnSale(late)).toBe('revision_changed');
    expect(await store.takeOffSale({ ...unpublish(product, NOW), revision: 9 })).toBe('revision_changed');
    expect(await store.findOnShelf(MERCHANT, product.productId)).toEqual(versionOf(product));
    const unwritten = store.loadVersion(MERCHANT, product.productId, 2);
    await expect(unwritten).rejects.toThrow('catalog.product_not_found');
  });

  test("products are listed newest first, page by page, and another merchant's never", async () => {
    const store = await newStore();
    const own = [await created(store), await created(store), await created(store), await created(store)];
    await created(store, 'mer_0000000002');

    const first = await store.listProducts(MERCHANT, { limit: 3 });
    expect(first.items).toEqual(own.toReversed().slice(0, 3));
    const second = await store.listProducts(MERCHANT, { limit: 3, cursor: first.nextCursor });
    expect(second).toEqual({ items: [own[0]] });
    expect(await store.listProducts(MERCHANT, { limit: 4 })).toEqual({ items: own.toReversed() });
  });

  test("the shelf lists what is on sale, newest product first, and another merchant's never", async () => {
    const store = await newStore();
    const own = [await onSale(store), await onSale(store), await onSale(store)];
    await created(store);
    await onSale(store, 'mer_0000000002');
    const listed = own.toReversed().map(versionOf);

    const first = await store.listShelf(MERCHANT, { limit: 2 });
    expect(first.items).toEqual(listed.slice(0, 2));
    expect(await store.listShelf(MERCHANT, { limit: 2, cursor: first.nextCursor })).toEqual({
      items: listed.slice(2),
    });
  });

  test("a cursor of another merchant's list opens nothing but the caller's own", async () => {
    const store = await newStore();
    const own = await created(store);
    await created(store, 'mer_0000000002');
    await created(store, 'mer_0000000002');
    const { nextCursor } = await store.listProducts('mer_0000000002', { limit: 1 });
    expect(await store.listProducts(MERCHANT, { limit: 5, cursor: nextCursor })).toEqual({ items: [own] });
  });

  test.each(['', 'x', 'AAAA', '{}', 'bm90IGFuIGlk'])(
    'the cursor %p, which is none, is refused',
    async (cursor) => {
      const store = await newStore();
      const listings = [
        store.listProducts(MERCHANT, { limit: 1, cursor }),
        store.listShelf(MERCHANT, { limit: 1, cursor }),
      ];
      for (const listing of listings) {
        await expect(listing).rejects.toMatchObject({
          code: 'request.invalid',
          details: { fields: [{ field: 'query.cursor' }] },
        });
      }
    },
  );
});

test('products too large for one answer of DynamoDB are all listed all the same', async () => {
  const store = new DynamoDbCatalogStore(await createTable('catalog'));
  const text = '卡'.repeat(4000);
  const large = { 'zh-CN': text, en: text };
  const products = Array.from({ length: 30 }, () =>
    aProduct(MERCHANT, productDraft({ description: large, instructions: large })),
  );
  await Promise.all(products.map((product) => store.createProduct(product)));

  const listed: string[] = [];
  let pages = 0;
  let cursor: string | undefined;
  do {
    const page = await store.listProducts(MERCHANT, { limit: 100, cursor });
    listed.push(...page.items.map(({ productId }) => productId));
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor !== undefined);
  expect(listed).toEqual(products.map(({ productId }) => productId).toReversed());
  expect(pages).toBeGreaterThan(1);
});

describe('whoever collides with a transaction on the same product has lost the revision', () => {
  const conflict = ['TransactionConflict', 'None', 'None'];

  test('when publishing and taking off', async () => {
    const table = await createTable('catalog');
    const store = new DynamoDbCatalogStore(table);
    const product = await onSale(store);
    failWrites(table.client, 'TransactWriteItems', conflict);
    expect(await store.putOnSale(publish(product, NOW))).toBe('revision_changed');
    expect(await store.takeOffSale(unpublish(product, NOW))).toBe('revision_changed');
  });

  test('when editing', async () => {
    const table = await createTable('catalog');
    const store = new DynamoDbCatalogStore(table);
    const product = await created(store);
    failWrites(table.client, 'PutItem');
    expect(await store.replaceDraft(edit(product, productDraft(), newSkuId, NOW))).toBe('revision_changed');
  });
});

test('a throttled publication is no verdict about the revision', async () => {
  const table = await createTable('catalog');
  const store = new DynamoDbCatalogStore(table);
  const product = await created(store);
  failWrites(table.client, 'TransactWriteItems', ['ThrottlingError', 'None', 'None']);
  await expect(store.putOnSale(publish(product, NOW))).rejects.toThrow('Transaction cancelled');
});
