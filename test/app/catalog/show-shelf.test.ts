import { createProduct } from '../../../lambdas/catalog/app/create-product';
import { getShelfProduct } from '../../../lambdas/catalog/app/get-shelf-product';
import { listShelf } from '../../../lambdas/catalog/app/list-shelf';
import { publishProduct } from '../../../lambdas/catalog/app/publish-product';
import { shelfProduct } from '../../../lambdas/contract/catalog';
import { aMerchant } from '../../support/a-merchant';
import { countingIds } from '../../support/counting-ids';
import { MemoryCatalogStore } from '../../support/memory-catalog-store';
import { MemoryMerchantStore } from '../../support/memory-merchants';
import { productDraft, skuDraft } from '../../support/product-drafts';
import { settableClock } from '../../support/settable-clock';

async function aShop() {
  const catalog = new MemoryCatalogStore();
  const shops = new MemoryMerchantStore();
  await shops.openMerchant(aMerchant({ slug: 'demo', currency: 'USD' }), 'owner@example.com');
  const counts = new Map<string, number>();
  const stock = { available: async (skuId: string) => counts.get(skuId) ?? 0 };
  const ports = {
    products: catalog,
    shelf: catalog,
    shops,
    stock,
    newId: countingIds(),
    clock: settableClock().clock,
  };
  const { merchantId } = aMerchant();
  const create = (draft = productDraft()) => createProduct(ports, merchantId, draft);
  const publish = ({ productId }: { productId: string }) =>
    publishProduct(ports, { merchantId, productId, revision: 1 });
  return { ports, counts, create, publish };
}

test('a buyer sees each SKU with its price and a coarse stock, and neither instructions nor exact counts', async () => {
  const { ports, counts, create, publish } = await aShop();
  const product = await create(productDraft({ skus: [skuDraft(), skuDraft(), skuDraft()] }));
  await publish(product);
  const [first, second] = product.draft.skus;
  counts.set(first?.skuId ?? '', 4711).set(second?.skuId ?? '', 7);

  const shown = await getShelfProduct(ports, 'demo', product.productId);
  expect(shown).toMatchObject({ version: 1, currency: 'USD', name: product.draft.name });
  expect(shown.skus.map(({ stock }) => stock)).toEqual(['in_stock', 'low', 'sold_out']);
  expect(JSON.stringify(shown)).not.toMatch(/4711|Type it in|redeem/);
  expect(shelfProduct.parse(shown)).toEqual(shown);
});

test('a shop shows what is on sale alone, newest first, page by page', async () => {
  const { ports, create, publish } = await aShop();
  const [oldest, hidden, middle, newest] = [await create(), await create(), await create(), await create()];
  for (const product of [newest, oldest, middle]) await publish(product);

  const first = await listShelf(ports, 'demo', { limit: 2 });
  const rest = await listShelf(ports, 'demo', { limit: 2, cursor: first.nextCursor });
  const listed = [...first.items, ...rest.items].map(({ productId }) => productId);
  expect(listed).toEqual([newest.productId, middle.productId, oldest.productId]);
  expect(rest.nextCursor).toBeUndefined();
  await expect(getShelfProduct(ports, 'demo', hidden.productId)).rejects.toThrow('catalog.product_not_found');
});

test('there is no shelf without a shop', async () => {
  const { ports } = await aShop();
  await expect(listShelf(ports, 'nowhere', { limit: 2 })).rejects.toThrow('shops.not_found');
  await expect(getShelfProduct(ports, 'nowhere', 'prd_0000000001')).rejects.toThrow('shops.not_found');
});
