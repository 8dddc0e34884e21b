import { createHmac } from 'node:crypto';
import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';

/** Computes the HMAC-SHA-256 of a text. */
export type Mac = (text: string) => Buffer;

/**
 * HMAC keys that KMS derives from one HMAC key, one for each purpose and merchant. Derived once in an execution
 * environment: after that an HMAC costs no call.
 */
export class DerivedMacs {
  readonly #keys = new Map<string, Promise<Uint8Array>>();

  constructor(
    private readonly kms: KMSClient,
    private readonly keyId: string,
  ) {}

  async macFor(purpose: string, merchantId: string): Promise<Mac> {
    const label = `vouchsafe/${purpose}/${merchantId}`;
    let key = this.#keys.get(label);
    if (key === undefined) {
      key = this.#derive(label);
      this.#keys.set(label, key);
      key.catch(() => this.#keys.delete(label));
    }
    const bytes = await key;
    return (text) => createHmac('sha256', bytes).update(text).digest();
  }

  async #derive(label: string): Promise<Uint8Array> {
    const { Mac } = await this.kms.send(
      new GenerateMacCommand({
        KeyId: this.keyId,
        MacAlgorithm: 'HMAC_SHA_256',
        Message: Buffer.from(label),
      }),
    );
    if (Mac === undefined) throw new Error('KMS answered no MAC');
    return Mac;
  }
}
