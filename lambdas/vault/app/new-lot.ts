import { DomainError, notFound } from '../../kernel/errors';
import { toInstant } from '../../kernel/time';
import type { Lot } from '../domain/lot';
import type { ImportPorts } from './import-ports';

/** What a member of staff (`createdBy`) says of the keys to be imported. */
export type ImportRequest = Pick<
  Lot,
  | 'merchantId'
  | 'productId'
  | 'skuId'
  | 'format'
  | 'fileName'
  | 'supplier'
  | 'unitCostCents'
  | 'expiresAt'
  | 'createdBy'
>;

export type NewLotPorts = Pick<ImportPorts, 'skus' | 'newId' | 'clock'>;

/** Throws `catalog.product_not_found`, `catalog.sku_not_found` and `request.invalid`. */
export async function newLot(
  { skus, newId, clock }: NewLotPorts,
  request: ImportRequest,
): Promise<Omit<Lot, 'status'>> {
  const { merchantId, productId, skuId } = request;
  const createdAt = toInstant(clock());
  if (request.expiresAt !== undefined && request.expiresAt <= createdAt) {
    throw new DomainError('request.invalid', 'invalid', {
      fields: [{ field: 'body.expiresAt', message: 'is in the future' }],
    });
  }
  const found = await skus.hasSku(merchantId, productId, skuId);
  if (found === 'no_product') throw notFound('catalog.product_not_found');
  if (found === 'no_sku') throw notFound('catalog.sku_not_found');
  return { ...request, lotId: newId('lot'), createdAt };
}
