import type { KeyFormat } from '../../contract/imports';
import { DomainError, notFound } from '../../kernel/errors';
import { type Instant, toInstant } from '../../kernel/time';
import type { Lot } from '../domain/lot';
import type { ImportPorts } from './import-ports';

export interface ImportRequest {
  readonly merchantId: string;
  readonly productId: string;
  readonly skuId: string;
  readonly format: KeyFormat;
  readonly fileName?: string | undefined;
  readonly supplier?: string | undefined;
  readonly unitCostCents?: number | undefined;
  readonly expiresAt?: Instant | undefined;
  /** The member of staff. */
  readonly createdBy: string;
}

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
