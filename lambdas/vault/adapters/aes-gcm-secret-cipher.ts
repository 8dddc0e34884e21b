import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The place that a ciphertext belongs to. Moved to another, it does not open. */
export interface SecretPlace {
  readonly merchantId: string;
  readonly skuId: string;
  readonly secretId: string;
}

/** Card keys under a segment's data key. Layout: version (1 byte), nonce (12), ciphertext, tag (16). */
export function sealSecret(dataKey: Uint8Array, place: SecretPlace, values: readonly string[]): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', dataKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(VERSION, place));
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(values), 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, ciphertext, cipher.getAuthTag()]);
}

/** Throws when any byte, the place or the key is not the one it was sealed with. */
export function openSecret(dataKey: Uint8Array, place: SecretPlace, sealed: Uint8Array): string[] {
  const bytes = Buffer.from(sealed);
  const version = bytes[0];
  if (version !== VERSION) throw new Error('a secret of an unknown version');
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', dataKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(version, place));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const ciphertext = bytes.subarray(1 + NONCE_BYTES, bytes.length - TAG_BYTES);
  return JSON.parse(Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8'));
}

/** Ids hold no `|`, so no two places have the same text. */
const associatedData = (version: number, place: SecretPlace): Buffer =>
  Buffer.from(`${version}|${place.merchantId}|${place.skuId}|${place.secretId}`);
