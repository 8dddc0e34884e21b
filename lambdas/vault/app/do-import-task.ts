import { advanceImport } from './advance-import';
import { claimPart } from './claim-part';
import { discardPart } from './discard-part';
import type { ImportPorts, ImportTask } from './import-ports';
import { splitUpload } from './split-upload';
import { type WritePorts, writePart } from './write-part';

export type WorkerPorts = WritePorts & Pick<ImportPorts, 'limits'>;

/**
 * One step of an import. Any step may be done again, at the same time by another worker too, or be cut off at any
 * write: what is done again ends in the same vault.
 */
export function doImportTask(ports: WorkerPorts, task: ImportTask): Promise<void> {
  switch (task.step) {
    case 'split':
      return splitUpload(ports, task);
    case 'claim':
      return claimPart(ports, task);
    case 'write':
      return writePart(ports, task);
    case 'discard':
      return discardPart(ports, task);
    case 'advance':
      return advanceImport(ports, task);
  }
}
