import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AwsError } from '../aws';
import type { KmsKey } from './kms-keys';

/*
 * A ciphertext blob: version (1 byte), key id (36), iv (12), tag (16), AES-256-GCM ciphertext.
 * The header and the encryption context are authenticated with it.
 */
const VERSION = Buffer.from([1]);
const KEY_ID_BYTES = 36;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = VERSION.length + KEY_ID_BYTES;
const OVERHEAD_BYTES = HEADER_BYTES + IV_BYTES + TAG_BYTES;

type EncryptionContext = Readonly<Record<string, string>>;

/** The blob in base64, as it goes over the wire. */
export function sealPlaintext(key: KmsKey, plaintext: Buffer, context: EncryptionContext = {}): string {
  const header = Buffer.concat([VERSION, Buffer.from(key.id, 'latin1')]);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), iv);
  cipher.setAAD(authenticated(header, context));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), sealed]).toString('base64');
}

/**
 * The plaintext and the key that sealed it; `keyOf` finds that key by its id and may refuse it.
 * @throws InvalidCiphertextException for a damaged or foreign blob, or another encryption context.
 */
export function openCiphertext(
  blob: Buffer,
  context: EncryptionContext,
  keyOf: (keyId: string) => KmsKey,
): { key: KmsKey; plaintext: Buffer } {
  if (blob.length < OVERHEAD_BYTES || !blob.subarray(0, VERSION.length).equals(VERSION)) {
    throw invalidCiphertext();
  }
  const key = knownKey(blob.subarray(VERSION.length, HEADER_BYTES).toString('latin1'), keyOf);
  const iv = blob.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), iv);
  decipher.setAAD(authenticated(blob.subarray(0, HEADER_BYTES), context));
  decipher.setAuthTag(blob.subarray(HEADER_BYTES + IV_BYTES, OVERHEAD_BYTES));
  try {
    return {
      key,
      plaintext: Buffer.concat([decipher.update(blob.subarray(OVERHEAD_BYTES)), decipher.final()]),
    };
  } catch {
    throw invalidCiphertext();
  }
}

/** An id that names no key is a damaged blob; the caller asked for no key by that name. */
function knownKey(id: string, keyOf: (keyId: string) => KmsKey): KmsKey {
  try {
    return keyOf(id);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NotFoundException') throw invalidCiphertext();
    throw error;
  }
}

const authenticated = (header: Buffer, context: EncryptionContext): Buffer =>
  Buffer.concat([
    header,
    Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1)))),
  ]);

const invalidCiphertext = () =>
  new AwsError(
    'InvalidCiphertextException',
    'The ciphertext is damaged or was made with another encryption context.',
  );
