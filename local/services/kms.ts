import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { ACCOUNT_ID, AwsError, type AwsJsonService, type Provisioners } from '../aws';
import { callOperation, type Operations, operationsWith } from './aws-json-operations';
import { openCiphertext, sealPlaintext } from './kms-ciphertext';
import { type KeyUsage, type KmsKey, KmsKeys, keyArn } from './kms-keys';
import { pageOf } from './paging';

const MAX_PLAINTEXT_BYTES = 4096;
const MAX_RANDOM_BYTES = 1024;

const operation = operationsWith('ValidationException');

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const payload = base64.refine(
  ({ length }) => length >= 1 && length <= MAX_PLAINTEXT_BYTES,
  `must be 1 to ${MAX_PLAINTEXT_BYTES} bytes`,
);
const context = z.record(z.string(), z.string()).optional();
const keyId = z.string().min(1);
const symmetric = z.literal('SYMMETRIC_DEFAULT').optional();
const grantTokens = z.array(z.string()).optional();
const byteCount = z.int().min(1).max(MAX_RANDOM_BYTES);

const dataKeyInput = z
  .strictObject({
    KeyId: keyId,
    EncryptionContext: context,
    KeySpec: z.enum(['AES_256', 'AES_128']).optional(),
    NumberOfBytes: byteCount.optional(),
    GrantTokens: grantTokens,
  })
  .refine(
    ({ KeySpec, NumberOfBytes }) => (KeySpec === undefined) !== (NumberOfBytes === undefined),
    'Please specify either number of bytes or key spec.',
  );

/** How often each operation used each key: `calls()[operation][keyId]`. */
export type KmsCalls = Record<string, Record<string, number>>;

export interface KmsOptions {
  /** Holds the master keys, readable by the owner alone; without it they are kept in memory only. */
  readonly stateFile?: string;
  readonly now?: () => number;
}

/** KMS with symmetric encryption keys (AES-256-GCM, the encryption context authenticated) and HMAC keys. */
export class Kms implements AwsJsonService {
  readonly provisioners: Provisioners;
  readonly #keys: KmsKeys;
  readonly #operations: Operations;
  #calls: KmsCalls = {};

  constructor({ stateFile, now = Date.now }: KmsOptions = {}) {
    this.#keys = new KmsKeys(stateFile, now);
    this.provisioners = this.#keys.provisioners;
    this.#operations = { ...this.#encryption(), ...this.#macs(), ...this.#descriptions() };
  }

  call(name: string, input: Record<string, unknown>): unknown {
    return callOperation('KMS', this.#operations, name, input);
  }

  /** A copy of the counts since the start; a call counts when its key was found usable. */
  calls(): KmsCalls {
    return structuredClone(this.#calls);
  }

  close(): void {
    this.#keys.close();
  }

  #encryption(): Operations {
    return {
      Encrypt: operation(
        z.strictObject({
          KeyId: keyId,
          Plaintext: payload,
          EncryptionContext: context,
          EncryptionAlgorithm: symmetric,
          GrantTokens: grantTokens,
        }),
        ({ KeyId, Plaintext, EncryptionContext }) => {
          const key = this.#use('Encrypt', KeyId, 'ENCRYPT_DECRYPT');
          return {
            CiphertextBlob: sealPlaintext(key, Plaintext, EncryptionContext),
            KeyId: keyArn(key),
            EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
          };
        },
      ),
      Decrypt: operation(
        z.strictObject({
          CiphertextBlob: base64,
          KeyId: keyId.optional(),
          EncryptionContext: context,
          EncryptionAlgorithm: symmetric,
          GrantTokens: grantTokens,
        }),
        ({ CiphertextBlob, KeyId, EncryptionContext }) => {
          const { key, plaintext } = this.#open('Decrypt', CiphertextBlob, EncryptionContext, KeyId);
          return {
            Plaintext: plaintext.toString('base64'),
            KeyId: keyArn(key),
            EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
          };
        },
      ),
      ReEncrypt: operation(
        z.strictObject({
          CiphertextBlob: base64,
          SourceKeyId: keyId.optional(),
          SourceEncryptionContext: context,
          SourceEncryptionAlgorithm: symmetric,
          DestinationKeyId: keyId,
          DestinationEncryptionContext: context,
          DestinationEncryptionAlgorithm: symmetric,
          GrantTokens: grantTokens,
        }),
        (input) => {
          const source = this.#open(
            'ReEncrypt',
            input.CiphertextBlob,
            input.SourceEncryptionContext,
            input.SourceKeyId,
          );
          const destination = this.#use('ReEncrypt', input.DestinationKeyId, 'ENCRYPT_DECRYPT');
          return {
            CiphertextBlob: sealPlaintext(destination, source.plaintext, input.DestinationEncryptionContext),
            SourceKeyId: keyArn(source.key),
            KeyId: keyArn(destination),
            SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
            DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
          };
        },
      ),
      GenerateDataKey: operation(dataKeyInput, (input) => {
        const { plaintext, answer } = this.#generateDataKey('GenerateDataKey', input);
        return { ...answer, Plaintext: plaintext.toString('base64') };
      }),
      GenerateDataKeyWithoutPlaintext: operation(
        dataKeyInput,
        (input) => this.#generateDataKey('GenerateDataKeyWithoutPlaintext', input).answer,
      ),
      GenerateRandom: operation(z.strictObject({ NumberOfBytes: byteCount }), ({ NumberOfBytes }) => ({
        Plaintext: randomBytes(NumberOfBytes).toString('base64'),
      })),
    };
  }

  #macs(): Operations {
    const macInput = z.strictObject({
      KeyId: keyId,
      Message: payload,
      MacAlgorithm: z.literal('HMAC_SHA_256'),
      GrantTokens: grantTokens,
    });
    return {
      GenerateMac: operation(macInput, ({ KeyId, Message, MacAlgorithm }) => {
        const key = this.#use('GenerateMac', KeyId, 'GENERATE_VERIFY_MAC');
        return { KeyId: keyArn(key), Mac: macOf(key, Message).toString('base64'), MacAlgorithm };
      }),
      VerifyMac: operation(macInput.extend({ Mac: base64 }), ({ KeyId, Message, Mac, MacAlgorithm }) => {
        const key = this.#use('VerifyMac', KeyId, 'GENERATE_VERIFY_MAC');
        const expected = macOf(key, Message);
        if (Mac.length !== expected.length || !timingSafeEqual(Mac, expected)) {
          throw new AwsError('KMSInvalidMacException', 'The MAC does not belong to this message and key.');
        }
        return { KeyId: keyArn(key), MacValid: true, MacAlgorithm };
      }),
    };
  }

  #descriptions(): Operations {
    return {
      DescribeKey: operation(z.strictObject({ KeyId: keyId, GrantTokens: grantTokens }), ({ KeyId }) => ({
        KeyMetadata: metadataOf(this.#keys.find(KeyId)),
      })),
      ListKeys: operation(
        z.strictObject({ Limit: z.int().min(1).max(1000).optional(), Marker: z.string().optional() }),
        ({ Limit, Marker }) => {
          const { page, next } = pageOf(this.#keys.all(), Limit, Marker);
          return {
            Keys: page.map((key) => ({ KeyId: key.id, KeyArn: keyArn(key) })),
            NextMarker: next,
            Truncated: next !== undefined,
          };
        },
      ),
      GetKeyRotationStatus: operation(z.strictObject({ KeyId: keyId }), ({ KeyId }) => {
        const { id, rotationPeriodInDays } = this.#keys.find(KeyId);
        return {
          KeyId: id,
          KeyRotationEnabled: rotationPeriodInDays !== undefined,
          RotationPeriodInDays: rotationPeriodInDays,
        };
      }),
    };
  }

  #generateDataKey(name: string, input: z.output<typeof dataKeyInput>) {
    const key = this.#use(name, input.KeyId, 'ENCRYPT_DECRYPT');
    const plaintext = randomBytes(input.NumberOfBytes ?? (input.KeySpec === 'AES_128' ? 16 : 32));
    return {
      plaintext,
      answer: {
        CiphertextBlob: sealPlaintext(key, plaintext, input.EncryptionContext),
        KeyId: keyArn(key),
      },
    };
  }

  #open(name: string, blob: Buffer, encryptionContext: Record<string, string> = {}, wanted?: string) {
    const expected = wanted === undefined ? undefined : this.#keys.findUsable(wanted, 'ENCRYPT_DECRYPT');
    return openCiphertext(blob, encryptionContext, (id) => {
      if (expected !== undefined && this.#keys.find(id) !== expected) {
        throw new AwsError(
          'IncorrectKeyException',
          'The key ID in the request does not identify the key that encrypted this ciphertext.',
        );
      }
      return this.#use(name, id, 'ENCRYPT_DECRYPT');
    });
  }

  #use(name: string, reference: string, usage: KeyUsage): KmsKey {
    const key = this.#keys.findUsable(reference, usage);
    this.#calls[name] ??= {};
    this.#calls[name][key.id] = (this.#calls[name][key.id] ?? 0) + 1;
    return key;
  }
}

const macOf = (key: KmsKey, message: Buffer): Buffer =>
  createHmac('sha256', Buffer.from(key.material, 'base64')).update(message).digest();

const metadataOf = (key: KmsKey) => ({
  AWSAccountId: ACCOUNT_ID,
  KeyId: key.id,
  Arn: keyArn(key),
  CreationDate: key.createdAt / 1000,
  Description: key.description,
  Enabled: key.enabled,
  KeyState: key.enabled ? 'Enabled' : 'Disabled',
  KeyManager: 'CUSTOMER',
  KeySpec: key.spec,
  CustomerMasterKeySpec: key.spec,
  KeyUsage: key.usage,
  MultiRegion: false,
  Origin: 'AWS_KMS',
  ...(key.usage === 'ENCRYPT_DECRYPT'
    ? { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }
    : { MacAlgorithms: ['HMAC_SHA_256'] }),
});
