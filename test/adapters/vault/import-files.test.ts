import { S3Client } from '@aws-sdk/client-s3';
import { S3UploadStore } from '../../../lambdas/vault/adapters/s3-upload-store';
import { S3VerdictStore } from '../../../lambdas/vault/adapters/s3-verdict-store';
import type { UploadStore, VerdictStore } from '../../../lambdas/vault/app/import-ports';
import { S3 } from '../../../local/services/s3/s3';
import { MemoryUploads, MemoryVerdicts } from '../../support/memory-files';
import { serveHttp } from '../../support/serve-http';

const BUCKET = 'vault-files';
const now = () => new Date().toISOString();

let s3: S3;
let client: S3Client;
let server: Awaited<ReturnType<typeof serveHttp>>;

beforeAll(async () => {
  s3 = new S3({ log: () => {} });
  await s3.provisioners['AWS::S3::Bucket']?.({
    type: 'AWS::S3::Bucket',
    stackName: 'Vault',
    logicalId: 'Files',
    physicalName: 'Vault-Files',
    properties: {},
  });
  server = await serveHttp((request, response, url) => s3.handle(request, response, url));
  client = new S3Client({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterAll(async () => {
  client.destroy();
  await server.close();
  s3.close();
});

const ref = { merchantId: 'mer_1', lotId: 'lot_1' };

async function textOf(stream: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> {
  if (stream === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe.each([
  ['in memory', (): UploadStore => new MemoryUploads()],
  ['on S3', (): UploadStore => new S3UploadStore(client, BUCKET)],
])('an upload store %s', (_, open) => {
  test('streams an upload whole or in part until it is deleted', async () => {
    const uploads = open();
    expect(await uploads.exists(ref)).toBe(false);
    expect(await uploads.read(ref)).toBeUndefined();
    await uploads.put(ref, 'one\n密钥\nthree');
    expect(await uploads.exists(ref)).toBe(true);
    expect(await textOf(await uploads.read(ref))).toBe('one\n密钥\nthree');
    expect(await textOf(await uploads.read(ref, { byteStart: 4, byteEnd: 11 }))).toBe('密钥\n');
    expect(await uploads.exists({ ...ref, merchantId: 'mer_2' })).toBe(false);
    await uploads.delete(ref);
    await uploads.delete(ref);
    expect(await uploads.read(ref, { byteStart: 0, byteEnd: 1 })).toBeUndefined();
  });
});

describe.each([
  ['in memory', (): VerdictStore => new MemoryVerdicts()],
  ['on S3', (): VerdictStore => new S3VerdictStore(client, BUCKET)],
])('a verdict store %s', (kind, open) => {
  test('merges pieces in order once, so that a repeat needs no pieces', async () => {
    const verdicts = open();
    const pieces = [];
    for (const part of [1, 2]) {
      const piece = { lotId: ref.lotId, part, runId: 'run_1' };
      pieces.push({ ...piece, bytes: await verdicts.putPiece(piece, `${part},é\n`) });
    }
    await verdicts.merge(ref, 'line\n', pieces);
    await verdicts.deletePieces(pieces);
    await verdicts.merge(ref, 'line\n', pieces);
    if (verdicts instanceof MemoryVerdicts) {
      expect([...verdicts.files.values()]).toEqual(['line\n1,é\n2,é\n']);
    } else {
      const answer = await fetch((await verdicts.link(ref, now())).url);
      expect(await answer.text()).toBe('line\n1,é\n2,é\n');
      expect(answer.headers.get('content-disposition')).toBe('attachment; filename="verdicts-lot_1.csv"');
    }
    const other = { ...ref, lotId: `${kind}-other` };
    await expect(verdicts.merge(other, 'line\n', pieces)).rejects.toThrow();
  });
});

test('a browser can upload with the form, a file within the limits alone', async () => {
  const uploads = new S3UploadStore(client, BUCKET);
  const form = await uploads.form(ref, now());
  const post = (file: string, fields = form.fields) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append('file', new Blob([file]));
    return fetch(form.url, { method: 'POST', body });
  };
  expect((await post('')).ok).toBe(false);
  expect((await post('KEY', { ...form.fields, key: 'uploads/mer_2/lot_1' })).ok).toBe(false);
  expect((await post('KEY', { ...form.fields, 'Content-Type': 'text/html' })).ok).toBe(false);
  expect(await uploads.exists(ref)).toBe(false);
  expect((await post('KEY')).ok).toBe(true);
  expect(await textOf(await uploads.read(ref))).toBe('KEY');
  await uploads.delete(ref);
});
