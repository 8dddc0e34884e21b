import { type KeyFormat, keyFormat } from '../../lambdas/contract/imports';
import type { ImportRequest } from '../../lambdas/vault/app/new-lot';

export const anImport = (format: Partial<KeyFormat> = {}, merchantId = 'mer_0000000001'): ImportRequest => ({
  merchantId,
  productId: 'prd_0000000001',
  skuId: 'sku_0000000001',
  format: keyFormat.parse(format),
  createdBy: 'owner@example.com',
});
