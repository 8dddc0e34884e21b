import { DynamoDbCatalogStore } from '../../../lambdas/catalog';
import { handler } from '../../../lambdas/catalog/handlers/console-catalog';
import { consoleCatalogRoutes, type Product } from '../../../lambdas/contract/catalog';
import { type Role, roles } from '../../../lambdas/contract/staff';
import { DynamoDbStaffDirectory } from '../../../lambdas/merchants';
import { type ApiCall, callApi, problemOf } from '../../support/api-event';
import { lambdaEnvironment } from '../../support/lambda-environment';
import { productDraft, skuDraft } from '../../support/product-drafts';

const { createProduct, listProducts, getProduct, editProduct, publishProduct, unpublishProduct } =
  consoleCatalogRoutes;

const MERCHANT = 'mer_0000000001';
const OTHER = 'mer_0000000002';
const NO_PRODUCT = 'prd_0000000099';

const claimsOf = (role: Role, merchantId = MERCHANT) => ({
  sub: `sub-${role}`,
  'custom:merchantId': merchantId,
});
const asOwner = claimsOf('owner');

let catalog: DynamoDbCatalogStore;

beforeAll(async () => {
  const tables = await lambdaEnvironment('merchants', 'catalog');
  catalog = new DynamoDbCatalogStore(tables.catalog);
  const directory = new DynamoDbStaffDirectory(tables.merchants);
  for (const merchantId of [MERCHANT, OTHER]) {
    for (const role of roles) {
      await directory.admit({ merchantId, staffId: `sub-${role}`, email: `${role}@x.org`, role });
    }
  }
});

async function created(claims = asOwner): Promise<Product> {
  const { status, body } = await callApi(handler, createProduct, { claims, body: productDraft() });
  expect(status).toBe(201);
  return body;
}

const on = ({ productId }: Pick<Product, 'productId'>, body?: unknown): ApiCall => ({
  claims: asOwner,
  params: { productId },
  body,
});

async function published(): Promise<Product> {
  const { status, body } = await callApi(handler, publishProduct, on(await created(), { revision: 1 }));
  expect(status).toBe(200);
  return body;
}

test('201: a created product is a draft whose SKUs have ids, and nothing of the store leaks out', async () => {
  const product = await created();
  expect(product).toMatchObject({ kind: 'card_key', status: 'draft', revision: 1 });
  expect(product.draft.skus[0]?.skuId).toMatch(/^sku_/);
  expect(Object.keys(product).toSorted()).toEqual(
    ['createdAt', 'draft', 'kind', 'productId', 'revision', 'status', 'updatedAt'].toSorted(),
  );
});

test('200: a product goes on sale, is edited, and comes off', async () => {
  const product = await published();
  expect(product).toMatchObject({ status: 'published', publishedVersion: 1, revision: 2 });

  const draft = productDraft({ skus: [skuDraft({ skuId: product.draft.skus[0]?.skuId, priceCents: 1 })] });
  const edited = await callApi(handler, editProduct, on(product, { revision: 2, draft }));
  expect(edited).toMatchObject({ status: 200, body: { status: 'published', revision: 3, draft } });
  expect(await catalog.findOnShelf(MERCHANT, product.productId)).toMatchObject({ version: 1 });

  const off = await callApi(handler, unpublishProduct, on(product, { revision: 3 }));
  expect(off).toMatchObject({ status: 200, body: { status: 'unpublished', revision: 4 } });
  expect(await catalog.findOnShelf(MERCHANT, product.productId)).toBeUndefined();
  expect(await callApi(handler, getProduct, on(product))).toEqual(off);
});

test('200: products are listed newest first and page by page to every role', async () => {
  const [older, newer] = [await created(), await created()];
  for (const role of roles) {
    const claims = claimsOf(role);
    const first = await callApi(handler, listProducts, { claims, query: { limit: '1' } });
    expect(first).toMatchObject({ status: 200, body: { items: [{ productId: newer.productId }] } });
    const query = { limit: '1', cursor: first.body.nextCursor };
    const second = await callApi(handler, listProducts, { claims, query });
    expect(second.body.items).toMatchObject([{ productId: older.productId }]);
  }
});

test('400: a wrong cursor is named', async () => {
  const call = { claims: asOwner, query: { cursor: 'nonsense' } };
  const { status, problem } = await problemOf(handler, listProducts, call);
  expect(status).toBe(400);
  expect(problem).toMatchObject({ code: 'request.invalid', errors: [{ field: 'query.cursor' }] });
});

test('400: wrong fields of a draft are named', async () => {
  const skus = [skuDraft({ priceCents: 0 })];
  const call = { claims: asOwner, body: productDraft({ redeemLink: 'http://example.com', skus }) };
  const { status, problem } = await problemOf(handler, createProduct, call);
  expect(status).toBe(400);
  expect(problem.errors?.map(({ field }) => field)).toEqual(['body.redeemLink', 'body.skus.0.priceCents']);
});

test.each(['finance', 'support'] as const)('403: %s changes no product', async (role) => {
  const product = await created();
  const call = (body: unknown) => ({ ...on(product, body), claims: claimsOf(role) });
  const refusals = [
    await problemOf(handler, createProduct, { claims: claimsOf(role), body: productDraft() }),
    await problemOf(handler, editProduct, call({ revision: 1, draft: productDraft() })),
    await problemOf(handler, publishProduct, call({ revision: 1 })),
    await problemOf(handler, unpublishProduct, call({ revision: 1 })),
  ];
  for (const { status, problem } of refusals)
    expect([status, problem.code]).toEqual([403, 'request.forbidden']);
});

describe("404: another merchant's product answers exactly as none", () => {
  const calls = {
    getProduct: [getProduct, undefined],
    editProduct: [editProduct, { revision: 1, draft: productDraft() }],
    publishProduct: [publishProduct, { revision: 1 }],
    unpublishProduct: [unpublishProduct, { revision: 1 }],
  } as const;

  test.each(Object.entries(calls))('to %s', async (_name, [route, body]) => {
    const foreign = await created(claimsOf('owner', OTHER));
    const hidden = await problemOf(handler, route, on(foreign, body));
    const missing = await problemOf(handler, route, on({ productId: NO_PRODUCT }, body));
    expect([hidden.status, hidden.problem.code]).toEqual([404, 'catalog.product_not_found']);
    expect(hidden).toEqual(missing);
  });

  test('to listProducts', async () => {
    const foreign = await created(claimsOf('owner', OTHER));
    const { body } = await callApi(handler, listProducts, { claims: asOwner, query: { limit: '100' } });
    expect(body.items.map((product: Product) => product.productId)).not.toContain(foreign.productId);
  });
});

test('404: a SKU that the product never had is refused', async () => {
  const draft = productDraft({ skus: [skuDraft({ skuId: 'sku_0000000009' })] });
  const refusals = [
    await problemOf(handler, createProduct, { claims: asOwner, body: draft }),
    await problemOf(handler, editProduct, on(await created(), { revision: 1, draft })),
  ];
  for (const { status, problem } of refusals) {
    expect([status, problem.code]).toEqual([404, 'catalog.sku_not_found']);
  }
});

test('409: who has not seen the latest revision changes nothing', async () => {
  const product = await published();
  const refusals = [
    await problemOf(handler, editProduct, on(product, { revision: 1, draft: productDraft() })),
    await problemOf(handler, publishProduct, on(product, { revision: 1 })),
    await problemOf(handler, unpublishProduct, on(product, { revision: 1 })),
  ];
  for (const { status, problem } of refusals) {
    expect([status, problem.code]).toEqual([409, 'catalog.revision_changed']);
  }
  expect((await callApi(handler, getProduct, on(product))).body).toEqual(product);
});
