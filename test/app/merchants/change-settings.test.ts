import { loadShop } from '../../../lambdas/merchants';
import { changeSettings } from '../../../lambdas/merchants/app/change-settings';
import { aMerchant } from '../../support/a-merchant';
import { MemoryMerchantStore } from '../../support/memory-merchants';

async function aShop() {
  const merchants = new MemoryMerchantStore();
  const merchant = aMerchant();
  await merchants.openMerchant(merchant, 'owner@example.com');
  return { merchants, merchant, shops: merchants };
}

test('a change leaves the settings that it does not name', async () => {
  const { merchant, ...ports } = await aShop();
  const changed = await changeSettings(ports, merchant.merchantId, { paymentDeadlineMinutes: 30 });
  expect(changed.settings).toEqual({ ...merchant.settings, paymentDeadlineMinutes: 30 });
  expect(await loadShop(ports, 'demo')).toEqual(changed);
});

test('a change of nothing answers the merchant as it stands', async () => {
  const { merchant, ...ports } = await aShop();
  expect(await changeSettings(ports, merchant.merchantId, {})).toEqual(merchant);
});

test('a shop that is not there is refused', async () => {
  await expect(loadShop(await aShop(), 'nowhere')).rejects.toThrow('shops.not_found');
});
