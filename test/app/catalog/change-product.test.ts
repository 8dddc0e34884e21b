import { createProduct } from '../../../lambdas/catalog/app/create-product';
import { editProduct } from '../../../lambdas/catalog/app/edit-product';
import { publishProduct } from '../../../lambdas/catalog/app/publish-product';
import { unpublishProduct } from '../../../lambdas/catalog/app/unpublish-product';
import { countingIds } from '../../support/counting-ids';
import { MemoryCatalogStore } from '../../support/memory-catalog-store';
import { productDraft, skuDraft } from '../../support/product-drafts';
import { settableClock } from '../../support/settable-clock';

const MERCHANT = 'mer_0000000001';

async function aShop() {
  const { clock, advance } = settableClock();
  const ports = { products: new MemoryCatalogStore(), newId: countingIds(), clock };
  const product = await createProduct(ports, MERCHANT, productDraft());
  const seen = (revision: number) => ({ merchantId: MERCHANT, productId: product.productId, revision });
  return { ports, product, seen, advance };
}

/** A store in which somebody else changes the product between another's look and write. */
class OvertakenStore extends MemoryCatalogStore {
  override async findProduct(merchantId: string, productId: string) {
    const product = await super.findProduct(merchantId, productId);
    if (product) await super.replaceDraft({ ...product, revision: product.revision + 1 });
    return product;
  }
}

test('a new product is kept as a draft and is not on sale', async () => {
  const { ports, product } = await aShop();
  expect(await ports.products.findProduct(MERCHANT, product.productId)).toEqual(product);
  expect(await ports.products.findOnShelf(MERCHANT, product.productId)).toBeUndefined();
});

test('an edit changes the draft at once and what is on sale not before it is published', async () => {
  const { ports, product, seen, advance } = await aShop();
  await publishProduct(ports, seen(1));
  advance(1000);
  const edited = await editProduct(
    ports,
    seen(2),
    productDraft({ skus: [skuDraft({ skuId: product.draft.skus[0]?.skuId, priceCents: 100 })] }),
  );
  expect(edited).toMatchObject({ revision: 3, status: 'published', updatedAt: '2026-01-31T08:00:01.000Z' });
  expect(await ports.products.findOnShelf(MERCHANT, product.productId)).toMatchObject({
    version: 1,
    content: { skus: [{ priceCents: 990 }] },
  });

  await publishProduct(ports, seen(3));
  expect(await ports.products.findOnShelf(MERCHANT, product.productId)).toMatchObject({
    version: 2,
    content: { skus: [{ priceCents: 100 }] },
  });
});

test('a version that was on sale stays readable after the product is taken off', async () => {
  const { ports, product, seen } = await aShop();
  await publishProduct(ports, seen(1));
  const unpublished = await unpublishProduct(ports, seen(2));
  expect(unpublished).toMatchObject({ status: 'unpublished', publishedVersion: 1, revision: 3 });
  expect(await ports.products.findOnShelf(MERCHANT, product.productId)).toBeUndefined();
  expect(await ports.products.loadVersion(MERCHANT, product.productId, 1)).toMatchObject({
    content: product.draft,
  });
});

test('taking off what is not on sale changes nothing', async () => {
  const { ports, product, seen } = await aShop();
  expect(await unpublishProduct(ports, seen(1))).toEqual(product);
  expect(await ports.products.findProduct(MERCHANT, product.productId)).toEqual(product);
});

const changes = {
  editProduct: (ports: Parameters<typeof editProduct>[0], seen: Parameters<typeof editProduct>[1]) =>
    editProduct(ports, seen, productDraft()),
  publishProduct,
  unpublishProduct,
};

describe.each(Object.entries(changes))('%s', (_name, change) => {
  test('refuses a member of staff who has seen an older revision', async () => {
    const { ports, seen } = await aShop();
    await publishProduct(ports, seen(1));
    await expect(change(ports, seen(1))).rejects.toThrow('catalog.revision_changed');
  });

  test('refuses whoever is overtaken between look and write', async () => {
    const { ports, seen } = await aShop();
    await publishProduct(ports, seen(1));
    const products = new OvertakenStore();
    for (const [key, product] of ports.products.products) products.products.set(key, product);
    await expect(change({ ...ports, products }, seen(2))).rejects.toThrow('catalog.revision_changed');
  });

  test("answers the same for another merchant's product as for none", async () => {
    const { ports, seen } = await aShop();
    const stranger = change(ports, { ...seen(1), merchantId: 'mer_0000000002' });
    await expect(stranger).rejects.toThrow('catalog.product_not_found');
    const nothing = change(ports, { ...seen(1), productId: 'prd_0000000099' });
    await expect(nothing).rejects.toThrow('catalog.product_not_found');
  });
});
