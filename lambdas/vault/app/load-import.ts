import type { LotRef } from '../domain/lot';
import type { ImportPorts } from './import-ports';
import { type ImportView, importView } from './import-view';

/** Throws `vault.import_not_found`. */
export async function loadImport(
  ports: Pick<ImportPorts, 'lots' | 'parts'>,
  ref: LotRef,
): Promise<ImportView> {
  return importView(ports, await ports.lots.load(ref));
}
