import type { Lot } from '../domain/lot';
import type { ImportPorts } from './import-ports';
import { type ImportView, importView } from './import-view';
import { type ImportRequest, type NewLotPorts, newLot } from './new-lot';

/**
 * Imports pasted text, which needs no upload by the browser and starts at once.
 * Throws `catalog.product_not_found`, `catalog.sku_not_found` and `request.invalid`.
 */
export async function pasteImport(
  ports: NewLotPorts & Pick<ImportPorts, 'lots' | 'parts' | 'uploads' | 'queue'>,
  request: ImportRequest,
  text: string,
): Promise<ImportView> {
  const waiting = await newLot(ports, request);
  const lot: Lot = {
    ...waiting,
    // Whatever the text once was encoded in, it travelled as Unicode.
    format: { ...request.format, encoding: 'utf-8' },
    status: 'splitting',
    startedAt: waiting.createdAt,
  };
  await ports.uploads.put(lot, text);
  await ports.lots.create(lot);
  await ports.queue.send([{ step: 'split', merchantId: lot.merchantId, lotId: lot.lotId }]);
  return importView(ports, lot);
}
