import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { OpenSecret, SecretOpener } from '../app/ports';
import type { Segment } from '../domain/segment';
import { openSecret } from './aes-gcm-secret-cipher';
import { segmentContext } from './segment-context';

/** Unwraps a segment's data key for one reveal and keeps it no longer. */
export class KmsSecretOpener implements SecretOpener {
  constructor(
    private readonly kms: KMSClient,
    private readonly keyId: string,
  ) {}

  async unwrap(segment: Segment): Promise<OpenSecret> {
    const { Plaintext } = await this.kms.send(
      new DecryptCommand({
        KeyId: this.keyId,
        CiphertextBlob: segment.wrappedDataKey,
        EncryptionContext: segmentContext(segment),
      }),
    );
    if (Plaintext === undefined) throw new Error('KMS answered no data key');
    return (secretId, ciphertext) => openSecret(Plaintext, { ...segment, secretId }, ciphertext);
  }
}
