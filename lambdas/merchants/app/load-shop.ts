import { notFound } from '../../kernel/errors';
import type { Merchant } from '../domain/merchant';
import type { MerchantPorts } from './ports';

/** The merchant behind a shop's address. Throws `shops.not_found`. */
export async function loadShop({ shops }: Pick<MerchantPorts, 'shops'>, slug: string): Promise<Merchant> {
  const merchant = await shops.findShop(slug);
  if (merchant === undefined) throw notFound('shops.not_found');
  return merchant;
}
