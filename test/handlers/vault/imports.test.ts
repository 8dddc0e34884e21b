import { createHash } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import { DynamoDbCatalogStore } from '../../../lambdas/catalog';
import { environment } from '../../../lambdas/contract/environment';
import { consoleImportRoutes, importMessage, type KeyImport } from '../../../lambdas/contract/imports';
import { type Role, roles } from '../../../lambdas/contract/staff';
import { DynamoDbStaffDirectory } from '../../../lambdas/merchants';
import { handler as console_ } from '../../../lambdas/vault/handlers/console-imports';
import { handler as worker } from '../../../lambdas/vault/handlers/import-worker';
import { S3 } from '../../../local/services/s3/s3';
import { callApi, lambdaContext, problemOf } from '../../support/api-event';
import { serveAwsJson } from '../../support/aws-json-server';
import { lambdaEnvironment } from '../../support/lambda-environment';
import { type LocalKms, startLocalKms } from '../../support/local-kms';
import { productDraft } from '../../support/product-drafts';
import { serveHttp } from '../../support/serve-http';

const { createImport, pasteImport, startImport, cancelImport, listImports, getImport, getVerdicts } =
  consoleImportRoutes;

const MERCHANT = 'mer_0000000001';
const OTHER = 'mer_0000000002';
const SKU = 'sku_0000000001';
const PRODUCT = 'prd_0000000001';
const NO_LOT = 'lot_0000000099';

const claimsOf = (role: Role, merchantId = MERCHANT) => ({
  sub: `sub-${role}`,
  'custom:merchantId': merchantId,
});
const asOwner = claimsOf('owner');

const messages: string[] = [];
const queue = {
  call: (_: string, { Entries }: Record<string, unknown>) => ({
    Failed: [],
    Successful: (Entries as { Id: string; MessageBody: string }[]).map(({ Id, MessageBody }) => {
      messages.push(MessageBody);
      return { Id, MessageId: Id, MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') };
    }),
  }),
};

let kms: LocalKms;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  const tables = await lambdaEnvironment('merchants', 'catalog', 'vault', 'secrets');
  const s3 = new S3({ log: () => {} });
  const bucket = await s3.provisioners['AWS::S3::Bucket']?.({
    type: 'AWS::S3::Bucket',
    stackName: 'Vault',
    logicalId: 'Files',
    physicalName: 'Vault-Files',
    properties: {},
  });
  const files = await serveHttp((request, response, url) => s3.handle(request, response, url));
  const sqs = await serveAwsJson({ AmazonSQS: queue });
  kms = await startLocalKms();
  closing.push(files.close, () => s3.close(), sqs.close, kms.close);
  process.env.AWS_ENDPOINT_URL_S3 = files.url;
  process.env.AWS_ENDPOINT_URL_SQS = sqs.url;
  process.env.AWS_ENDPOINT_URL_KMS = kms.url;
  process.env[environment.filesBucket] = bucket?.ref;
  process.env[environment.importQueue] = `${sqs.url}/000000000000/imports`;
  process.env[environment.cardKeysKey] = kms.cardKeysKey;
  process.env[environment.macKey] = kms.macKey;

  const directory = new DynamoDbStaffDirectory(tables.merchants);
  for (const merchantId of [MERCHANT, OTHER]) {
    for (const role of roles) {
      await directory.admit({ merchantId, staffId: `sub-${role}`, email: `${role}@x.org`, role });
    }
  }
  const draft = productDraft();
  await new DynamoDbCatalogStore(tables.catalog).createProduct({
    merchantId: MERCHANT,
    productId: PRODUCT,
    kind: 'card_key',
    status: 'draft',
    revision: 1,
    draft: { ...draft, skus: draft.skus.slice(0, 1).map((sku) => ({ ...sku, skuId: SKU })) },
    skuIds: [SKU],
    createdAt: '2026-01-31T08:00:00.000Z',
    updatedAt: '2026-01-31T08:00:00.000Z',
  });
});
afterAll(async () => {
  for (const close of closing) await close();
});

const ofSku = { productId: PRODUCT, skuId: SKU };

async function work(bodies: readonly string[]) {
  const Records = bodies.map((body, i) => ({ messageId: `message-${i}`, body }));
  return worker({ Records } as SQSEvent, lambdaContext);
}

async function workUntilDone() {
  for (let body = messages.shift(); body !== undefined; body = messages.shift()) {
    expect(await work([body])).toEqual({ batchItemFailures: [] });
  }
}

async function pasted(text = 'KEY-1'): Promise<KeyImport> {
  const { status, body } = await callApi(console_, pasteImport, {
    claims: asOwner,
    body: { ...ofSku, text },
  });
  expect(status).toBe(202);
  return body;
}

test('201, 202, 200: a file goes from the form to a verdict file through the real functions', async () => {
  const { status, body } = await callApi(console_, createImport, {
    claims: asOwner,
    body: { ...ofSku, fileName: 'keys.txt', supplier: '供货商' },
  });
  expect(status).toBe(201);
  const form = new FormData();
  for (const [name, value] of Object.entries<string>(body.upload.fields)) form.append(name, value);
  form.append('file', new Blob(['FILE-KEY-1\nFILE-KEY-2\nFILE-KEY-1\n']));
  const lot = { claims: asOwner, params: { lotId: body.import.lotId } };
  expect((await problemOf(console_, startImport, lot)).problem.code).toBe('vault.upload_missing');
  expect((await problemOf(console_, getVerdicts, lot)).problem.code).toBe('vault.verdicts_not_ready');
  expect((await fetch(body.upload.url, { method: 'POST', body: form })).ok).toBe(true);

  expect(await callApi(console_, startImport, lot)).toMatchObject({
    status: 202,
    body: { status: 'splitting' },
  });
  for (const message of messages) expect(() => importMessage.parse(JSON.parse(message))).not.toThrow();
  await workUntilDone();

  expect(await callApi(console_, getImport, lot)).toMatchObject({
    status: 200,
    body: {
      status: 'active',
      supplier: '供货商',
      createdBy: 'owner@x.org',
      progress: { done: 3, total: 3 },
      counts: { lines: 3, accepted: 2, duplicateInFile: 1 },
    },
  });
  const { body: link } = await callApi(console_, getVerdicts, lot);
  const verdicts = await fetch(link.url);
  expect(await verdicts.text()).toContain('3,****,duplicate_in_file,is the key of line 1');
  expect((await problemOf(console_, startImport, lot)).problem.code).toBe('vault.import_started');
  expect((await problemOf(console_, cancelImport, lot)).problem.code).toBe('vault.import_finished');
});

test('202: a pasted import is listed, can be cancelled, and nothing of the store leaks out', async () => {
  const lot = await pasted();
  messages.length = 0;
  const { status, body } = await callApi(console_, cancelImport, {
    claims: asOwner,
    params: { lotId: lot.lotId },
  });
  expect(status).toBe(202);
  expect(body.status).toBe('cancelling');
  expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['merchantId', 'pk']));
  await workUntilDone();
  const list = await callApi(console_, listImports, { claims: asOwner, query: { limit: '1' } });
  expect(list).toMatchObject({ status: 200, body: { items: [{ lotId: lot.lotId, status: 'cancelled' }] } });
});

test('404: products and SKUs that the merchant does not have', async () => {
  const call = (change: object, claims = asOwner) =>
    problemOf(console_, pasteImport, { claims, body: { ...ofSku, text: 'KEY', ...change } });
  expect((await call({ productId: 'prd_0000000099' })).problem.code).toBe('catalog.product_not_found');
  expect((await call({ skuId: 'sku_0000000099' })).problem.code).toBe('catalog.sku_not_found');
  const foreign = await call({}, claimsOf('owner', OTHER));
  expect(foreign).toEqual(await call({ productId: 'prd_0000000099' }));
});

test('404: another merchant’s import answers exactly as one that does not exist', async () => {
  const { lotId } = await pasted();
  messages.length = 0;
  for (const route of [startImport, cancelImport, getImport, getVerdicts]) {
    const claims = claimsOf('owner', OTHER);
    const foreign = await problemOf(console_, route, { claims, params: { lotId } });
    expect(foreign.status).toBe(404);
    expect(foreign).toEqual(await problemOf(console_, route, { claims, params: { lotId: NO_LOT } }));
  }
});

test('403: finance sees no imports, support starts none', async () => {
  const finance = await problemOf(console_, listImports, { claims: claimsOf('finance') });
  const support = await problemOf(console_, pasteImport, {
    claims: claimsOf('support'),
    body: { ...ofSku, text: 'KEY' },
  });
  expect([finance.status, support.status]).toEqual([403, 403]);
});

test('400: columns beyond the first need a delimiter', async () => {
  const { status } = await problemOf(console_, pasteImport, {
    claims: asOwner,
    body: { ...ofSku, text: 'KEY', format: { columns: [{ index: 1, label: '密码' }] } },
  });
  expect(status).toBe(400);
});

test('a message that is none fails alone, those beside it are done', async () => {
  const unknown = JSON.stringify({ step: 'advance', merchantId: MERCHANT, lotId: NO_LOT });
  expect(await work([unknown, '{"step":"dance"}', unknown])).toEqual({
    batchItemFailures: [{ itemIdentifier: 'message-1' }],
  });
});
