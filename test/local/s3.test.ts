import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { S3 } from '../../local/services/s3/s3';
import { serveHttp } from '../support/serve-http';

const Bucket = 'shop-files';
const ORIGIN = 'http://127.0.0.1:5173';
const DAY_MS = 86_400_000;

let folder: string;
let s3: S3;
let client: S3Client;
let server: Awaited<ReturnType<typeof serveHttp>>;
let clock: () => number;

const provision = (service: S3, properties: Record<string, unknown> = {}) =>
  service.provisioners['AWS::S3::Bucket']?.({
    type: 'AWS::S3::Bucket',
    stackName: 'Shop',
    logicalId: 'Files',
    physicalName: 'Shop-Files',
    properties,
  });

const start = () => {
  s3 = new S3({ folder, log: () => {}, now: () => clock() });
  provision(s3, {
    CorsConfiguration: {
      CorsRules: [{ AllowedOrigins: [ORIGIN], AllowedMethods: ['POST', 'GET'], AllowedHeaders: ['*'] }],
    },
    LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Prefix: 'uploads/', ExpirationInDays: 1 }] },
  });
};

beforeEach(async () => {
  clock = Date.now;
  folder = mkdtempSync(join(tmpdir(), 's3-test-'));
  start();
  server = await serveHttp((request, response, url) => s3.handle(request, response, url));
  client = new S3Client({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});

afterEach(async () => {
  client.destroy();
  await server.close();
  s3.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (Key: string, Body: string | Buffer | Readable, more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const read = async (Key: string, more: object = {}) =>
  (await client.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToString();
const keys = async (more: object = {}) =>
  (await client.send(new ListObjectsV2Command({ Bucket, ...more }))).Contents?.map(({ Key }) => Key) ?? [];

describe('objects', () => {
  test('come back as they were written, with what was said of them', async () => {
    const { ETag } = await put('a/卡 1.txt', 'hello', {
      ContentType: 'text/plain',
      Metadata: { lot: 'lot_1' },
      ContentDisposition: 'attachment',
    });
    expect(await read('a/卡 1.txt')).toBe('hello');
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'a/卡 1.txt' }))).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
      ContentDisposition: 'attachment',
      Metadata: { lot: 'lot_1' },
      ETag,
    });
    expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
  });

  test('of unknown length arrive in chunks with a checksum behind them', async () => {
    const lines = Array.from({ length: 5000 }, (_, line) => `line ${line} 卡密\n`);
    await put('big.txt', Readable.from(lines.map((line) => Buffer.from(line))), {
      ContentLength: Buffer.byteLength(lines.join('')),
    });
    expect(await read('big.txt')).toBe(lines.join(''));
    const { ContentEncoding } = await client.send(new HeadObjectCommand({ Bucket, Key: 'big.txt' }));
    expect(ContentEncoding).toBeUndefined();
  });

  test('whose checksum does not match are refused and leave nothing', async () => {
    await put('a', 'old');
    await expect(put('a', 'new', { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' });
    expect(await read('a')).toBe('old');
    expect(readdirSync(join(folder, Bucket))).toHaveLength(1);
  });

  test('are read in byte ranges', async () => {
    await put('digits', '0123456789');
    expect(await read('digits', { Range: 'bytes=2-4' })).toBe('234');
    expect(await read('digits', { Range: 'bytes=7-' })).toBe('789');
    expect(await read('digits', { Range: 'bytes=-2' })).toBe('89');
    await expect(read('digits', { Range: 'bytes=10-12' })).rejects.toMatchObject({ name: 'InvalidRange' });
    const { ContentRange } = await client.send(
      new GetObjectCommand({ Bucket, Key: 'digits', Range: 'bytes=8-99' }),
    );
    expect(ContentRange).toBe('bytes 8-9/10');
  });

  test('that do not exist are NoSuchKey, and deleting them is no error', async () => {
    await expect(read('nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'nothing' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'nothing' }));
  });

  test('are not replaced when the writer wants to be the first', async () => {
    await put('once', 'first', { IfNoneMatch: '*' });
    await expect(put('once', 'second', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    expect(await read('once')).toBe('first');
  });

  test('are copied and deleted, one or many at a time', async () => {
    await put('a&b', 'one', { ContentType: 'text/csv' });
    await client.send(new CopyObjectCommand({ Bucket, Key: 'c', CopySource: `${Bucket}/a%26b` }));
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'c' }))).toMatchObject({
      ContentType: 'text/csv',
    });
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a&b' }, { Key: 'c' }] } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['a&b', 'c']);
    expect(await keys()).toEqual([]);
    expect(readdirSync(join(folder, Bucket))).toEqual([]);
  });

  test('are listed by pages and by folders', async () => {
    for (const key of ['b', 'a/2', 'a/1', 'c/1']) await put(key, key);
    expect(await keys()).toEqual(['a/1', 'a/2', 'b', 'c/1']);
    expect(await keys({ Prefix: 'a/' })).toEqual(['a/1', 'a/2']);

    const first = await client.send(new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: 2 }));
    expect(first.CommonPrefixes).toEqual([{ Prefix: 'a/' }]);
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(['b']);
    const second = await client.send(
      new ListObjectsV2Command({
        Bucket,
        Delimiter: '/',
        MaxKeys: 2,
        ContinuationToken: first.NextContinuationToken,
      }),
    );
    expect(second.CommonPrefixes).toEqual([{ Prefix: 'c/' }]);
    expect(second).toMatchObject({ IsTruncated: false, KeyCount: 1 });
  });

  test('expire as the lifecycle of the bucket says', async () => {
    await put('uploads/keys.txt', 'secret');
    await put('statements/1.csv', 'kept');
    clock = () => Date.now() + DAY_MS - 60_000;
    expect(await keys()).toHaveLength(2);
    clock = () => Date.now() + DAY_MS;
    await expect(read('uploads/keys.txt')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await keys()).toEqual(['statements/1.csv']);
  });

  test('survive a restart, and what a killed process left half written does not', async () => {
    await put('../../escape', 'kept');
    s3.close();
    const [file = ''] = readdirSync(join(folder, Bucket));
    writeFileSync(join(folder, Bucket, 'half-written'), 'x');
    start();
    expect(await read('../../escape')).toBe('kept');
    expect(readdirSync(join(folder, Bucket))).toEqual([file]);
  });
});

describe('presigned addresses', () => {
  test('read and write an object until they expire', async () => {
    const upload = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'image.png' }), {
      expiresIn: 60,
    });
    expect((await fetch(upload, { method: 'PUT', body: 'pixels' })).status).toBe(200);

    const download = await getSignedUrl(
      client,
      new GetObjectCommand({ Bucket, Key: 'image.png', ResponseContentDisposition: 'inline' }),
      { expiresIn: 60 },
    );
    const answer = await fetch(download);
    expect(await answer.text()).toBe('pixels');
    expect(answer.headers.get('content-disposition')).toBe('inline');

    clock = () => Date.now() + 61_000;
    const late = await fetch(download);
    expect(late.status).toBe(403);
    expect(await late.text()).toContain('<Message>Request has expired</Message>');
  });

  test('are needed: a request without any signature is denied', async () => {
    await put('private', 'secret');
    expect((await fetch(`${server.url}/${Bucket}/private`)).status).toBe(403);
    expect((await fetch(`${server.url}/${Bucket}/private`, { method: 'DELETE' })).status).toBe(403);
    expect(await read('private')).toBe('secret');
  });
});

describe('presigned forms', () => {
  const post = async (
    content: string,
    {
      options = {},
      change = () => {},
    }: { options?: Partial<PresignedPostOptions>; change?: (form: FormData) => void } = {},
  ) => {
    const { url, fields } = await createPresignedPost(client, {
      Bucket,
      Key: 'uploads/lot_1',
      Conditions: [
        ['content-length-range', 3, 100_000],
        ['starts-with', '$Content-Type', 'text/'],
      ],
      Fields: { 'Content-Type': 'text/csv' },
      Expires: 60,
      ...options,
    });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    change(form);
    form.set('file', new Blob([content]), 'keys.txt');
    const answer = await fetch(url, { method: 'POST', body: form, headers: { origin: ORIGIN } });
    return { answer, body: await answer.text() };
  };

  test('upload a file whose bytes may look like the form itself', async () => {
    const content = `AAAA\r\n--${'-'.repeat(40)}\r\n\r\n--\r\n`.repeat(1500);
    const { answer } = await post(content);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(await read('uploads/lot_1')).toBe(content);
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'uploads/lot_1' }))).toMatchObject({
      ContentType: 'text/csv',
    });
  });

  test('put the name of the file into the key', async () => {
    await post('abc', { options: { Key: `uploads/\${filename}` } });
    expect(await keys()).toEqual(['uploads/keys.txt']);
  });

  test.each([
    ['a file that is too long', 'x'.repeat(3_000_000), undefined, 400, 'EntityTooLarge'],
    ['a file that is too short', 'x', undefined, 400, 'EntityTooSmall'],
    ['another key', 'abc', (form: FormData) => form.set('key', 'statements/1'), 403, 'AccessDenied'],
    [
      'another content type',
      'abc',
      (form: FormData) => form.set('Content-Type', 'image/png'),
      403,
      'AccessDenied',
    ],
    ['a field that was not signed for', 'abc', (form: FormData) => form.set('acl', 'x'), 403, 'AccessDenied'],
    ['a form without a policy', 'abc', (form: FormData) => form.delete('Policy'), 403, 'AccessDenied'],
  ])('refuse %s and keep nothing of it', async (_, content, change, status, code) => {
    const { answer, body } = await post(content, { change });
    expect([answer.status, /<Code>(.*)<\/Code>/.exec(body)?.[1]]).toEqual([status, code]);
    expect(await keys()).toEqual([]);
    expect(readdirSync(join(folder, Bucket))).toEqual([]);
  });

  test('are refused after their time', async () => {
    clock = () => Date.now() + 61_000;
    const { answer, body } = await post('abc');
    expect(answer.status).toBe(403);
    expect(body).toContain('Policy expired');
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string, method: string) =>
    fetch(`${server.url}/${Bucket}`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'x-one' },
    });

  test('may do what a rule of the bucket allows, and nothing else', async () => {
    const allowed = await preflight(ORIGIN, 'POST');
    expect([allowed.status, allowed.headers.get('access-control-allow-headers')]).toEqual([200, 'x-one']);
    expect((await preflight(ORIGIN, 'DELETE')).status).toBe(403);
    expect((await preflight('http://elsewhere.example', 'POST')).status).toBe(403);
  });
});

test('what is not implemented is refused by its name', async () => {
  await expect(client.send(new GetObjectTaggingCommand({ Bucket, Key: 'a' }))).rejects.toThrow(
    'S3 requests with ?tagging is not implemented locally',
  );
  expect(() => provision(s3, { NotificationConfiguration: {} })).toThrow(/NotificationConfiguration/);
});
