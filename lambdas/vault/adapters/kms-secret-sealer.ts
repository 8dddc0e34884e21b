import { GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { DataKey, SecretSealer } from '../app/import-ports';
import type { Segment } from '../domain/segment';
import { sealSecret } from './aes-gcm-secret-cipher';
import { segmentContext } from './segment-context';

/** A data key of its own for each segment, wrapped by the card keys' master key and bound to the segment. */
export class KmsSecretSealer implements SecretSealer {
  constructor(
    private readonly kms: KMSClient,
    private readonly keyId: string,
  ) {}

  async newDataKey(segment: Pick<Segment, 'merchantId' | 'skuId' | 'segmentId'>): Promise<DataKey> {
    const { Plaintext, CiphertextBlob } = await this.kms.send(
      new GenerateDataKeyCommand({
        KeyId: this.keyId,
        KeySpec: 'AES_256',
        EncryptionContext: segmentContext(segment),
      }),
    );
    if (Plaintext === undefined || CiphertextBlob === undefined) throw new Error('KMS answered no data key');
    return {
      wrapped: CiphertextBlob,
      seal: (secretId, values) => sealSecret(Plaintext, { ...segment, secretId }, values),
    };
  }
}
