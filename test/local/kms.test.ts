import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  GenerateRandomCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListKeysCommand,
  ReEncryptCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import type { ProvisionedResource } from '../../local/aws';
import { Kms } from '../../local/services/kms';
import { serveAwsJson } from '../support/aws-json-server';

const folder = mkdtempSync(join(tmpdir(), 'kms-'));
const stateFile = join(folder, 'keys.jsonl');
const plaintext = Buffer.from('XQ4T-77AB-KEY');
const context = { merchant: 'm1', segment: 's1' };

let kms: Kms;
let server: Awaited<ReturnType<typeof serveAwsJson>>;
let client: KMSClient;

const provision = async (
  type: string,
  logicalId: string,
  properties: Record<string, unknown>,
): Promise<ProvisionedResource> => {
  const provisioner = kms.provisioners[type];
  if (provisioner === undefined) throw new Error(`no provisioner of ${type}`);
  return provisioner({ type, stackName: 'Test', logicalId, physicalName: `test-${logicalId}`, properties });
};

const symmetricKey = (logicalId: string, properties = {}) =>
  provision('AWS::KMS::Key', logicalId, properties);
const macKey = () =>
  provision('AWS::KMS::Key', 'Mac', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });

async function start() {
  kms = new Kms({ stateFile });
  server = await serveAwsJson({ TrentService: kms });
  client = new KMSClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}

async function stop() {
  client.destroy();
  await server.close();
  kms.close();
}

beforeEach(start);
afterEach(async () => {
  await stop();
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a data key comes back from its ciphertext under the same encryption context, in any order', async () => {
  const { ref } = await symmetricKey('Keys');
  const generated = await client.send(
    new GenerateDataKeyCommand({ KeyId: ref, KeySpec: 'AES_256', EncryptionContext: context }),
  );
  expect(generated.Plaintext).toHaveLength(32);
  const opened = await client.send(
    new DecryptCommand({
      CiphertextBlob: generated.CiphertextBlob,
      EncryptionContext: { segment: 's1', merchant: 'm1' },
    }),
  );
  expect(opened.Plaintext).toEqual(generated.Plaintext);
  expect(opened.KeyId).toBe(generated.KeyId);
});

test('a data key without plaintext is one only after decryption', async () => {
  const { ref } = await symmetricKey('Keys');
  const generated = await client.send(
    new GenerateDataKeyWithoutPlaintextCommand({ KeyId: ref, NumberOfBytes: 16 }),
  );
  expect(generated).not.toHaveProperty('Plaintext');
  const opened = await client.send(new DecryptCommand({ CiphertextBlob: generated.CiphertextBlob }));
  expect(opened.Plaintext).toHaveLength(16);
});

test('another encryption context, none at all, or one changed bit makes a ciphertext invalid', async () => {
  const { ref } = await symmetricKey('Keys');
  const { CiphertextBlob = new Uint8Array() } = await client.send(
    new EncryptCommand({ KeyId: ref, Plaintext: plaintext, EncryptionContext: context }),
  );
  const invalid = { name: 'InvalidCiphertextException' };
  const decrypt = (blob: Uint8Array, EncryptionContext?: Record<string, string>) =>
    client.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext, KeyId: ref }));
  await expect(decrypt(CiphertextBlob, { ...context, segment: 's2' })).rejects.toMatchObject(invalid);
  await expect(decrypt(CiphertextBlob)).rejects.toMatchObject(invalid);
  for (const position of [0, 5, 40, 55, CiphertextBlob.length - 1]) {
    const tampered = Uint8Array.from(CiphertextBlob, (byte, at) => (at === position ? byte ^ 1 : byte));
    await expect(decrypt(tampered, context)).rejects.toMatchObject(invalid);
  }
  await expect(decrypt(Buffer.from('short'), context)).rejects.toMatchObject(invalid);
  expect(Buffer.from((await decrypt(CiphertextBlob, context)).Plaintext ?? [])).toEqual(plaintext);
});

test('a ciphertext cannot be decrypted by naming another key', async () => {
  const { ref } = await symmetricKey('Keys');
  const other = await symmetricKey('Other');
  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: ref, Plaintext: plaintext }));
  await expect(client.send(new DecryptCommand({ CiphertextBlob, KeyId: other.ref }))).rejects.toMatchObject({
    name: 'IncorrectKeyException',
  });
});

test('re-encryption moves a plaintext to another key and another context', async () => {
  const { ref } = await symmetricKey('Keys');
  const other = await symmetricKey('Other');
  const { CiphertextBlob } = await client.send(
    new EncryptCommand({ KeyId: ref, Plaintext: plaintext, EncryptionContext: context }),
  );
  const moved = await client.send(
    new ReEncryptCommand({
      CiphertextBlob,
      SourceEncryptionContext: context,
      DestinationKeyId: other.ref,
      DestinationEncryptionContext: { segment: 's2' },
    }),
  );
  const opened = await client.send(
    new DecryptCommand({
      CiphertextBlob: moved.CiphertextBlob,
      KeyId: other.ref,
      EncryptionContext: { segment: 's2' },
    }),
  );
  expect(Buffer.from(opened.Plaintext ?? [])).toEqual(plaintext);
});

test('a key answers to its id, its ARN, its alias and the ARN of its alias', async () => {
  const { ref, attributes } = await symmetricKey('Keys');
  await provision('AWS::KMS::Alias', 'Alias', { AliasName: 'alias/card-keys', TargetKeyId: attributes?.Arn });
  const aliasArn = attributes?.Arn?.replace(`key/${ref}`, 'alias/card-keys');
  for (const KeyId of [ref, attributes?.Arn, 'alias/card-keys', aliasArn]) {
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ KeyId: ref, Arn: attributes?.Arn, KeyState: 'Enabled' });
  }
  await expect(client.send(new DescribeKeyCommand({ KeyId: 'alias/none' }))).rejects.toMatchObject({
    name: 'NotFoundException',
  });
});

test('a MAC is verified by the key that made it and refused for any other message', async () => {
  const { ref } = await macKey();
  const made = { KeyId: ref, MacAlgorithm: 'HMAC_SHA_256' } as const;
  const { Mac } = await client.send(new GenerateMacCommand({ ...made, Message: plaintext }));
  expect(Mac).toHaveLength(32);
  await expect(
    client.send(new VerifyMacCommand({ ...made, Message: plaintext, Mac })),
  ).resolves.toMatchObject({ MacValid: true });
  await expect(
    client.send(new VerifyMacCommand({ ...made, Message: Buffer.from('another'), Mac })),
  ).rejects.toMatchObject({ name: 'KMSInvalidMacException' });
});

test('a key does only what it is for', async () => {
  const symmetric = await symmetricKey('Keys');
  const mac = await macKey();
  const wrongUsage = { name: 'InvalidKeyUsageException' };
  await expect(
    client.send(new EncryptCommand({ KeyId: mac.ref, Plaintext: plaintext })),
  ).rejects.toMatchObject(wrongUsage);
  await expect(
    client.send(
      new GenerateMacCommand({ KeyId: symmetric.ref, Message: plaintext, MacAlgorithm: 'HMAC_SHA_256' }),
    ),
  ).rejects.toMatchObject(wrongUsage);
});

test('a disabled key does nothing', async () => {
  const { ref } = await symmetricKey('Keys');
  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: ref, Plaintext: plaintext }));
  await symmetricKey('Keys', { Enabled: false });
  await expect(client.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
    name: 'DisabledException',
  });
});

test('after a restart the same resource has the same key and opens what it sealed before', async () => {
  const before = await symmetricKey('Keys');
  const mac = await macKey();
  const macInput = { KeyId: mac.ref, Message: plaintext, MacAlgorithm: 'HMAC_SHA_256' } as const;
  const { Mac } = await client.send(new GenerateMacCommand(macInput));
  const { CiphertextBlob } = await client.send(
    new EncryptCommand({ KeyId: before.ref, Plaintext: plaintext }),
  );
  await stop();
  await start();
  expect(await symmetricKey('Keys')).toEqual(before);
  const { Plaintext = [] } = await client.send(new DecryptCommand({ CiphertextBlob, KeyId: before.ref }));
  expect(Buffer.from(Plaintext)).toEqual(plaintext);
  await expect(client.send(new VerifyMacCommand({ ...macInput, Mac }))).resolves.toMatchObject({
    MacValid: true,
  });
});

test('master keys are readable by their owner alone and plaintexts are not kept', async () => {
  const { ref } = await symmetricKey('Keys');
  await client.send(new EncryptCommand({ KeyId: ref, Plaintext: plaintext }));
  expect(statSync(stateFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(stateFile, 'utf8')).not.toContain(plaintext.toString('base64'));
});

test('keys can be listed page by page, with their rotation', async () => {
  const rotated = await symmetricKey('Keys', { EnableKeyRotation: true, RotationPeriodInDays: 180 });
  const fixed = await symmetricKey('Other');
  const first = await client.send(new ListKeysCommand({ Limit: 1 }));
  const second = await client.send(new ListKeysCommand({ Limit: 1, Marker: first.NextMarker }));
  expect([...(first.Keys ?? []), ...(second.Keys ?? [])].map(({ KeyId }) => KeyId)).toEqual([
    rotated.ref,
    fixed.ref,
  ]);
  expect(second.Truncated).toBe(false);
  expect(await client.send(new GetKeyRotationStatusCommand({ KeyId: rotated.ref }))).toMatchObject({
    KeyRotationEnabled: true,
    RotationPeriodInDays: 180,
  });
  expect(await client.send(new GetKeyRotationStatusCommand({ KeyId: fixed.ref }))).toMatchObject({
    KeyRotationEnabled: false,
  });
});

test('every use of a key is counted by operation', async () => {
  const { ref } = await symmetricKey('Keys');
  const { CiphertextBlob } = await client.send(
    new GenerateDataKeyCommand({ KeyId: ref, KeySpec: 'AES_256' }),
  );
  await client.send(new DecryptCommand({ CiphertextBlob }));
  await client.send(new DecryptCommand({ CiphertextBlob }));
  await client.send(new GenerateRandomCommand({ NumberOfBytes: 8 }));
  expect(kms.calls()).toEqual({ GenerateDataKey: { [ref]: 1 }, Decrypt: { [ref]: 2 } });
});

test('what is not supported is refused by its name', async () => {
  const { ref } = await symmetricKey('Keys');
  await expect(symmetricKey('Foreign', { Origin: 'EXTERNAL' })).rejects.toThrow(/Foreign.*\n.*Origin/s);
  await expect(symmetricKey('Many', { MultiRegion: true })).rejects.toThrow(/MultiRegion/);
  await expect(client.send(new DisableKeyCommand({ KeyId: ref }))).rejects.toThrow(/DisableKey/);
  await expect(
    client.send(new EncryptCommand({ KeyId: ref, Plaintext: plaintext, DryRun: true })),
  ).rejects.toThrow(/DryRun/);
  await expect(
    provision('AWS::KMS::Key', 'Keys', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
  ).rejects.toThrow(/fresh state/);
});
