import { defaultOrderingSettings } from '../../lambdas/contract/merchants';
import type { Merchant } from '../../lambdas/merchants';

export const aMerchant = (changes: Partial<Merchant> = {}): Merchant => ({
  merchantId: 'mer_0000000001',
  slug: 'demo',
  name: 'Demo shop',
  currency: 'CNY',
  settings: defaultOrderingSettings,
  createdAt: '2026-01-31T08:00:00.000Z',
  ...changes,
});
