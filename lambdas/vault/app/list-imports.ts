import type { ImportPorts, Page } from './import-ports';
import { type ImportView, importView } from './import-view';

/** Newest first. A cursor that is none is `request.invalid`. */
export async function listImports(
  ports: Pick<ImportPorts, 'lots' | 'parts'>,
  merchantId: string,
  page: Page,
): Promise<{ items: ImportView[]; nextCursor?: string | undefined }> {
  const { items, nextCursor } = await ports.lots.list(merchantId, page);
  return { items: await Promise.all(items.map((lot) => importView(ports, lot))), nextCursor };
}
