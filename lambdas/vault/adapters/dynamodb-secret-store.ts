import * as z from 'zod';
import { batchGet, batchWrite } from '../../store/batch';
import type { Table } from '../../store/table';
import type { SecretStore } from '../app/ports';

/**
 * Table `secrets`, ciphertext alone.
 *
 * | access pattern              | key      | index |
 * |-----------------------------|----------|-------|
 * | secrets to open, to write   | secretId | -     |
 */
export class DynamoDbSecretStore implements SecretStore {
  constructor(private readonly table: Table) {}

  async findMany(secretIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const keys = [...new Set(secretIds)].map((secretId) => ({ secretId }));
    const items = await batchGet(this.table, keys);
    return new Map(items.map((item) => secretItem.parse(item)).map((one) => [one.secretId, one.ciphertext]));
  }

  async putAll(secrets: readonly { secretId: string; ciphertext: Uint8Array }[]): Promise<void> {
    await batchWrite(
      this.table,
      secrets.map((secret) => ({ put: { ...secret } })),
    );
  }

  async deleteAll(secretIds: readonly string[]): Promise<void> {
    await batchWrite(
      this.table,
      secretIds.map((secretId) => ({ delete: { secretId } })),
    );
  }
}

const secretItem = z.object({ secretId: z.string(), ciphertext: z.instanceof(Uint8Array) });
