import { conflict } from '../../kernel/errors';
import type { LotRef } from '../domain/lot';
import type { ImportPorts } from './import-ports';
import { type ImportView, importView } from './import-view';

/**
 * Stops an import whose keys are not yet on sale; its keys are forgotten by and by. A repeat drives that on.
 * Throws `vault.import_not_found` and `vault.import_finished`.
 */
export async function cancelImport(
  ports: Pick<ImportPorts, 'lots' | 'parts' | 'queue'>,
  { merchantId, lotId }: LotRef,
): Promise<ImportView> {
  const ref = { merchantId, lotId };
  await ports.lots.load(ref);
  const outcome = await ports.lots.beginDiscarding(ref);
  const lot = await ports.lots.load(ref);
  if (outcome === 'raced' && lot.status !== 'cancelling') throw conflict('vault.import_finished');
  await ports.queue.send([{ step: 'advance', ...ref }]);
  return importView(ports, lot);
}
