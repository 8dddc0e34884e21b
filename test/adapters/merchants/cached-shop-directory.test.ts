import { CachedShopDirectory } from '../../../lambdas/merchants';
import { aMerchant } from '../../support/a-merchant';
import { MemoryMerchantStore } from '../../support/memory-merchants';
import { settableClock } from '../../support/settable-clock';

async function aCache() {
  const store = new MemoryMerchantStore();
  const { clock, advance } = settableClock();
  const cache = new CachedShopDirectory(store, clock);
  const merchant = aMerchant();
  return { store, advance, cache, merchant };
}

test('a shop is answered from memory for less than five seconds, and then as it stands', async () => {
  const { store, advance, cache, merchant } = await aCache();
  await store.openMerchant(merchant, 'owner@example.com');
  await cache.findShop('demo');
  const changed = await store.changeSettings(merchant.merchantId, { paymentDeadlineMinutes: 60 });

  advance(4_999);
  expect(await cache.findShop('demo')).toEqual(merchant);
  advance(1);
  expect(await cache.findShop('demo')).toEqual(changed);
});

test('a shop that was not there is found as soon as it opens', async () => {
  const { store, cache, merchant } = await aCache();
  expect(await cache.findShop('demo')).toBeUndefined();
  await store.openMerchant(merchant, 'owner@example.com');
  expect(await cache.findShop('demo')).toEqual(merchant);
});

test('each slug has its own answer', async () => {
  const { store, cache, merchant } = await aCache();
  const other = aMerchant({ merchantId: 'mer_0000000002', slug: 'other' });
  await store.openMerchant(merchant, 'owner@example.com');
  await store.openMerchant(other, 'other@example.com');
  await cache.findShop('demo');
  expect(await cache.findShop('other')).toEqual(other);
  expect(await cache.findShop('demo')).toEqual(merchant);
});
