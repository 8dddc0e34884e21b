import { DynamoDbMerchantStore } from '../../../lambdas/merchants';
import type { MerchantStore, ShopDirectory } from '../../../lambdas/merchants/app/ports';
import { aMerchant } from '../../support/a-merchant';
import { failWrites } from '../../support/fail-writes';
import { MemoryMerchantStore } from '../../support/memory-merchants';
import { createTable } from '../../support/tables';

const stores: Record<string, () => Promise<MerchantStore & ShopDirectory>> = {
  'in memory': async () => new MemoryMerchantStore(),
  'on DynamoDB': async () => new DynamoDbMerchantStore(await createTable('merchants')),
};

describe.each(Object.entries(stores))('merchants %s', (_where, newStore) => {
  test('an opened merchant is found by its slug and by its id', async () => {
    const store = await newStore();
    const merchant = aMerchant();
    expect(await store.openMerchant(merchant, 'owner@example.com')).toBe('opened');
    expect(await store.findShop('demo')).toEqual(merchant);
    expect(await store.loadMerchant(merchant.merchantId)).toEqual(merchant);
    expect(await store.findSlugClaim('demo')).toEqual({
      merchantId: merchant.merchantId,
      ownerEmail: 'owner@example.com',
    });
  });

  test('a slug belongs to one merchant, and who comes second leaves no trace', async () => {
    const store = await newStore();
    await store.openMerchant(aMerchant(), 'owner@example.com');
    const second = aMerchant({ merchantId: 'mer_0000000002' });
    expect(await store.openMerchant(second, 'other@example.com')).toBe('slug_taken');
    expect(await store.findShop('demo')).toEqual(aMerchant());
    await expect(store.loadMerchant('mer_0000000002')).rejects.toThrow('shops.not_found');
  });

  test('of many who open a shop under one slug at once, one does', async () => {
    const store = await newStore();
    const ids = [1, 2, 3, 4, 5].map((n) => `mer_000000000${n}`);
    const outcomes = await Promise.all(
      ids.map((merchantId) => store.openMerchant(aMerchant({ merchantId }), 'owner@example.com')),
    );
    expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(1);
    expect((await store.findShop('demo'))?.merchantId).toBe(ids[outcomes.indexOf('opened')]);
  });

  test('nothing is found under a slug that nobody has', async () => {
    const store = await newStore();
    expect(await store.findShop('nowhere')).toBeUndefined();
    expect(await store.findSlugClaim('nowhere')).toBeUndefined();
  });

  test('changes of different settings at the same time are both kept', async () => {
    const store = await newStore();
    const { merchantId, settings } = aMerchant();
    await store.openMerchant(aMerchant(), 'owner@example.com');
    await Promise.all([
      store.changeSettings(merchantId, { paymentDeadlineMinutes: 60 }),
      store.changeSettings(merchantId, { unpaidOrdersPerClient: 5, heldKeysPerClient: 50 }),
    ]);
    expect((await store.loadMerchant(merchantId)).settings).toEqual({
      ...settings,
      paymentDeadlineMinutes: 60,
      unpaidOrdersPerClient: 5,
      heldKeysPerClient: 50,
    });
  });

  test('settings of a merchant that is not there cannot be changed into being', async () => {
    const store = await newStore();
    const change = store.changeSettings('mer_0000000009', { heldKeysPerClient: 5 });
    await expect(change).rejects.toThrow('shops.not_found');
    await expect(store.loadMerchant('mer_0000000009')).rejects.toThrow('shops.not_found');
  });
});

test('a slug that another call is claiming at this moment counts as taken', async () => {
  const table = await createTable('merchants');
  failWrites(table.client, 'TransactWriteItems', ['TransactionConflict', 'None']);
  const outcome = await new DynamoDbMerchantStore(table).openMerchant(aMerchant(), 'owner@example.com');
  expect(outcome).toBe('slug_taken');
});

test('a throttled opening is no verdict about the slug', async () => {
  const table = await createTable('merchants');
  failWrites(table.client, 'TransactWriteItems', ['ThrottlingError', 'None']);
  const opening = new DynamoDbMerchantStore(table).openMerchant(aMerchant(), 'owner@example.com');
  await expect(opening).rejects.toThrow('Transaction cancelled');
});
