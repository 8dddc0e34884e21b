import type { Lot } from '../domain/lot';
import type { ImportPorts, UploadForm } from './import-ports';
import { type ImportView, importView } from './import-view';
import { type ImportRequest, type NewLotPorts, newLot } from './new-lot';

/**
 * Prepares the import of a file and answers the form to upload it with.
 * Throws `catalog.product_not_found`, `catalog.sku_not_found` and `request.invalid`.
 */
export async function createImport(
  ports: NewLotPorts & Pick<ImportPorts, 'lots' | 'parts' | 'uploads'>,
  request: ImportRequest,
): Promise<{ import: ImportView; upload: UploadForm }> {
  const lot: Lot = { ...(await newLot(ports, request)), status: 'awaiting_upload' };
  const upload = await ports.uploads.form(lot, lot.createdAt);
  await ports.lots.create(lot);
  return { import: await importView(ports, lot), upload };
}
