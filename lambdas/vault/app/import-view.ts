import { isWorkingThroughParts, type Lot, progressOf } from '../domain/lot';
import type { ImportPorts } from './import-ports';

export type ImportView = Lot & { readonly progress: { done: number; total: number } };

/** A lot as the merchant follows it. Parts are read only while they tell how far it is. */
export async function importView({ parts }: Pick<ImportPorts, 'parts'>, lot: Lot): Promise<ImportView> {
  const ofLot = isWorkingThroughParts(lot) ? await parts.list(lot.lotId) : [];
  return { ...lot, progress: progressOf(lot, ofLot) };
}
