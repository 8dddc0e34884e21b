import { DynamoDbSecretStore } from '../../../lambdas/vault/adapters/dynamodb-secret-store';
import { createTable } from '../../support/tables';

test('secrets are found by their ids, byte for byte; several keys may share one', async () => {
  const store = new DynamoDbSecretStore(await createTable('secrets'));
  const secrets = Array.from({ length: 130 }, (_, i) => ({
    secretId: `sec_${i}`,
    ciphertext: Buffer.of(i, 0, 255),
  }));
  await store.putAll(secrets);
  const found = await store.findMany([
    ...secrets.map(({ secretId }) => secretId),
    'sec_0',
    'sec_0',
    'sec_none',
  ]);
  expect(found.size).toBe(130);
  for (const { secretId, ciphertext } of secrets) {
    expect(Buffer.from(found.get(secretId) ?? [])).toEqual(ciphertext);
  }
  await store.deleteAll(['sec_0', 'sec_none']);
  expect((await store.findMany(['sec_0', 'sec_1'])).size).toBe(1);
  expect((await store.findMany([])).size).toBe(0);
});
