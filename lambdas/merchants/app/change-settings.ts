import type { OrderingSettings } from '../../contract/merchants';
import type { Merchant } from '../domain/merchant';
import type { MerchantPorts } from './ports';

/** Changes the settings that are named; orders that stand keep what they were placed under. */
export const changeSettings = (
  { merchants }: Pick<MerchantPorts, 'merchants'>,
  merchantId: string,
  changes: Partial<OrderingSettings>,
): Promise<Merchant> =>
  Object.keys(changes).length === 0
    ? merchants.loadMerchant(merchantId)
    : merchants.changeSettings(merchantId, changes);
