import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SecretsManager } from '../../local/services/secrets-manager';
import { serveAwsJson } from '../support/aws-json-server';

const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
const stateFile = join(folder, 'secrets.jsonl');

let secrets: SecretsManager;
let server: Awaited<ReturnType<typeof serveAwsJson>>;
let client: SecretsManagerClient;

const provision = async (logicalId: string, properties: Record<string, unknown>, type = 'Secret') => {
  const fullType = `AWS::SecretsManager::${type}`;
  const provisioner = secrets.provisioners[fullType];
  if (provisioner === undefined) throw new Error(`no provisioner of ${fullType}`);
  return provisioner({
    type: fullType,
    stackName: 'Test',
    logicalId,
    physicalName: `test-${logicalId}`,
    properties,
  });
};

const secretString = async (SecretId: string, VersionStage?: string) =>
  (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString ?? '';

async function start() {
  secrets = new SecretsManager({ stateFile });
  server = await serveAwsJson({ secretsmanager: secrets });
  client = new SecretsManagerClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}

async function stop() {
  client.destroy();
  await server.close();
  secrets.close();
}

beforeEach(start);
afterEach(async () => {
  await stop();
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a secret is found by its name, its ARN and its ARN without the random ending', async () => {
  const { ref, attributes } = await provision('Psp', { Name: 'psp/key', SecretString: 'sk_live' });
  expect(attributes).toEqual({ Id: ref });
  for (const id of ['psp/key', ref, ref.slice(0, -7)]) expect(await secretString(id)).toBe('sk_live');
  await expect(secretString('psp/other')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a generated password has the asked length, one character of each type and none that is excluded', async () => {
  const { ref } = await provision('Generated', {
    GenerateSecretString: { PasswordLength: 5, IncludeSpace: true, ExcludeCharacters: 'abcdefghij' },
  });
  const value = await secretString(ref);
  expect(value).toHaveLength(5);
  for (const type of [/[k-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d\s]/, / /]) expect(value).toMatch(type);
  const plain = await provision('Plain', { GenerateSecretString: { ExcludePunctuation: true } });
  expect(await secretString(plain.ref)).toMatch(/^[a-zA-Z\d]{32}$/);
});

test('a template gets the generated password under its key', async () => {
  const { ref } = await provision('Login', {
    GenerateSecretString: { SecretStringTemplate: '{"user":"psp"}', GenerateStringKey: 'password' },
  });
  expect(JSON.parse(await secretString(ref))).toEqual({
    user: 'psp',
    password: expect.stringMatching(/^.{32}$/),
  });
});

test('a new value becomes the current one and the one before stays readable as the previous', async () => {
  const { ref } = await provision('Psp', { SecretString: 'first' });
  const put = await client.send(new PutSecretValueCommand({ SecretId: ref, SecretString: 'second' }));
  expect(await secretString(ref)).toBe('second');
  expect(await secretString(ref, 'AWSPREVIOUS')).toBe('first');
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: ref }));
  expect(VersionIdsToStages).toMatchObject({ [put.VersionId ?? '']: ['AWSCURRENT'] });
});

test('repeating a write changes nothing, and its token cannot carry another value', async () => {
  const { ref } = await provision('Psp', { SecretString: 'first' });
  const write = (SecretString: string) =>
    client.send(
      new PutSecretValueCommand({ SecretId: ref, SecretString, ClientRequestToken: 't'.repeat(32) }),
    );
  await write('second');
  await write('second');
  expect(await secretString(ref, 'AWSPREVIOUS')).toBe('first');
  await expect(write('third')).rejects.toMatchObject({ name: 'ResourceExistsException' });
});

test('a restart keeps generated and written values; a changed template replaces them', async () => {
  const generate = { GenerateSecretString: { ExcludePunctuation: true } };
  const { ref } = await provision('Generated', generate);
  const written = await provision('Written', { SecretString: 'by template' });
  const generated = await secretString(ref);
  await client.send(new PutSecretValueCommand({ SecretId: written.ref, SecretString: 'by hand' }));
  await stop();
  await start();
  expect(await provision('Generated', generate)).toMatchObject({ ref });
  await provision('Written', { SecretString: 'by template' });
  expect(await secretString(ref)).toBe(generated);
  expect(await secretString(written.ref)).toBe('by hand');
  await provision('Written', { SecretString: 'by a new template' });
  expect(await secretString(written.ref)).toBe('by a new template');
});

test('the state is readable by its owner alone', () => {
  expect(statSync(stateFile).mode & 0o777).toBe(0o600);
});

test('secrets are listed page by page with their descriptions and without their values', async () => {
  await provision('One', { SecretString: 'classified', Description: 'first' });
  await provision('Two', { SecretString: 'classified' });
  const first = await client.send(new ListSecretsCommand({ MaxResults: 1 }));
  const second = await client.send(new ListSecretsCommand({ MaxResults: 1, NextToken: first.NextToken }));
  expect(first.SecretList?.[0]).toMatchObject({ Name: 'test-One', Description: 'first' });
  expect(second.SecretList?.[0]?.Name).toBe('test-Two');
  expect(second.NextToken).toBeUndefined();
  expect(JSON.stringify([first, second])).not.toContain('classified');
});

test('a resource policy is accepted for a secret that exists', async () => {
  const { ref } = await provision('Psp', { SecretString: 'x' });
  const policy = { ResourcePolicy: { Version: '2012-10-17', Statement: [] } };
  await expect(provision('Policy', { ...policy, SecretId: ref }, 'ResourcePolicy')).resolves.toEqual({ ref });
  await expect(provision('Policy', { ...policy, SecretId: 'none' }, 'ResourcePolicy')).rejects.toThrow();
});

test('what is not supported is refused by its name', async () => {
  const { ref } = await provision('Psp', { SecretString: 'x' });
  await expect(provision('Replicated', { ReplicaRegions: [{ Region: 'eu-west-1' }] })).rejects.toThrow(
    /ReplicaRegions/,
  );
  await expect(client.send(new RotateSecretCommand({ SecretId: ref }))).rejects.toThrow(/RotateSecret/);
  await expect(
    client.send(new PutSecretValueCommand({ SecretId: ref, SecretBinary: Buffer.from('x') })),
  ).rejects.toThrow(/SecretBinary/);
});
