import { DynamoDbCatalogStore } from '../../../lambdas/catalog';
import { newProduct, publish } from '../../../lambdas/catalog/domain/product';
import { handler } from '../../../lambdas/catalog/handlers/storefront-catalog';
import { storefrontCatalogRoutes } from '../../../lambdas/contract/catalog';
import { DynamoDbMerchantStore } from '../../../lambdas/merchants';
import { aMerchant } from '../../support/a-merchant';
import { callApi, problemOf } from '../../support/api-event';
import { countingIds } from '../../support/counting-ids';
import { lambdaEnvironment } from '../../support/lambda-environment';
import { productDraft } from '../../support/product-drafts';

const { getShop, listShelf, getShelfProduct } = storefrontCatalogRoutes;
const NOW = '2026-01-31T08:00:00.000Z';

const demo = aMerchant();
const other = aMerchant({ merchantId: 'mer_0000000002', slug: 'other' });
const newId = countingIds();
const draftOf = ({ merchantId } = demo) =>
  newProduct({ merchantId, productId: newId('prd') }, productDraft(), () => newId('sku'), NOW);

const [older, newer, hidden, foreign] = [draftOf(), draftOf(), draftOf(), draftOf(other)];

beforeAll(async () => {
  const tables = await lambdaEnvironment('merchants', 'catalog', 'vault');
  const merchants = new DynamoDbMerchantStore(tables.merchants);
  await merchants.openMerchant(demo, 'owner@example.com');
  await merchants.openMerchant(other, 'other@example.com');
  const catalog = new DynamoDbCatalogStore(tables.catalog);
  for (const product of [older, newer, hidden, foreign]) await catalog.createProduct(product);
  for (const product of [older, newer, foreign]) await catalog.putOnSale(publish(product, NOW));
});

test('200: the shop tells its name, currency and deadline, and no limits or ids', async () => {
  expect(await callApi(handler, getShop, { params: { shop: 'demo' } })).toEqual({
    status: 200,
    body: { shop: 'demo', name: 'Demo shop', currency: 'CNY', paymentDeadlineMinutes: 15 },
  });
});

test("200: the shelf lists the shop's products on sale, newest first, page by page", async () => {
  const params = { shop: 'demo' };
  const first = await callApi(handler, listShelf, { params, query: { limit: '1' } });
  expect(first).toMatchObject({ status: 200, body: { items: [{ productId: newer.productId }] } });
  const query = { limit: '1', cursor: first.body.nextCursor };
  const second = await callApi(handler, listShelf, { params, query });
  expect(second.body).toMatchObject({ items: [{ productId: older.productId }] });
  expect(second.body).not.toHaveProperty('nextCursor');
});

test('200: a product on sale is shown with its version; without keys it is sold out', async () => {
  const params = { shop: 'demo', productId: newer.productId };
  const { status, body } = await callApi(handler, getShelfProduct, { params });
  expect(status).toBe(200);
  expect(body).toEqual({
    productId: newer.productId,
    version: 1,
    name: newer.draft.name,
    description: newer.draft.description,
    currency: 'CNY',
    skus: newer.draft.skus.map((sku) => ({ ...sku, stock: 'sold_out' })),
  });
});

test('400: a wrong cursor is named', async () => {
  const call = { params: { shop: 'demo' }, query: { cursor: 'nonsense' } };
  const { status, problem } = await problemOf(handler, listShelf, call);
  expect(status).toBe(400);
  expect(problem).toMatchObject({ code: 'request.invalid', errors: [{ field: 'query.cursor' }] });
});

test('404: there is nothing in a shop that does not exist', async () => {
  const params = { shop: 'nowhere', productId: newer.productId };
  for (const route of [getShop, listShelf, getShelfProduct]) {
    const { status, problem } = await problemOf(handler, route, { params });
    expect([status, problem.code]).toEqual([404, 'shops.not_found']);
  }
});

test("404: a product that is not on sale, and another shop's, answer exactly as none", async () => {
  const ask = (productId: string) =>
    problemOf(handler, getShelfProduct, { params: { shop: 'demo', productId } });
  const missing = await ask('prd_0000000099');
  expect([missing.status, missing.problem.code]).toEqual([404, 'catalog.product_not_found']);
  expect(await ask(hidden.productId)).toEqual(missing);
  expect(await ask(foreign.productId)).toEqual(missing);
});
