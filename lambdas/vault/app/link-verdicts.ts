import { conflict } from '../../kernel/errors';
import { type Instant, toInstant } from '../../kernel/time';
import type { LotRef } from '../domain/lot';
import type { ImportPorts } from './import-ports';

/** A short-lived link to the verdicts. Throws `vault.import_not_found` and `vault.verdicts_not_ready`. */
export async function linkVerdicts(
  ports: Pick<ImportPorts, 'lots' | 'verdicts' | 'clock'>,
  ref: LotRef,
): Promise<{ url: string; expiresAt: Instant }> {
  const lot = await ports.lots.load(ref);
  if (lot.status !== 'active') throw conflict('vault.verdicts_not_ready');
  return ports.verdicts.link(lot, toInstant(ports.clock()));
}
