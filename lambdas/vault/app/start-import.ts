import { conflict } from '../../kernel/errors';
import { toInstant } from '../../kernel/time';
import type { LotRef } from '../domain/lot';
import type { ImportPorts } from './import-ports';
import { type ImportView, importView } from './import-view';

/**
 * Starts the import of the uploaded file. Its repeat while the file is being divided sends the message again, which
 * helps if the first call was cut off before it.
 * Throws `vault.import_not_found`, `vault.upload_missing` and `vault.import_started`.
 */
export async function startImport(
  ports: Pick<ImportPorts, 'lots' | 'parts' | 'uploads' | 'queue' | 'clock'>,
  { merchantId, lotId }: LotRef,
): Promise<ImportView> {
  const ref = { merchantId, lotId };
  const { status } = await ports.lots.load(ref);
  if (status === 'awaiting_upload') {
    if (!(await ports.uploads.exists(ref))) throw conflict('vault.upload_missing');
    await ports.lots.start(ref, toInstant(ports.clock()));
  }
  const lot = await ports.lots.load(ref);
  if (lot.status !== 'splitting') throw conflict('vault.import_started');
  await ports.queue.send([{ step: 'split', ...ref }]);
  return importView(ports, lot);
}
