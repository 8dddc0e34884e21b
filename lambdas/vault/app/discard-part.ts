import { isDiscarded, type LotRef } from '../domain/lot';
import { type AdvancePorts, advanceImport } from './advance-import';
import { dropRun } from './drop-run';
import type { ImportPorts } from './import-ports';

export type DiscardPorts = AdvancePorts & Pick<ImportPorts, 'slots' | 'secrets'>;

/**
 * Forgets the keys of a part of a discarded lot: frees what it claimed, deletes what its runs wrote. Done again for
 * a part that is discarded: a claim that was under way may have come after. The notes of its claims stay for that.
 */
export async function discardPart(
  ports: DiscardPorts,
  task: LotRef & { readonly part: number },
): Promise<void> {
  const lot = await ports.lots.find(task);
  if (lot === undefined || !isDiscarded(lot)) return;
  const part = await ports.parts.beginDiscarding(task);
  await ports.fingerprints.freeAll(part.lotId, await ports.fingerprints.noted(part));
  for (const run of part.runs) await dropRun(ports, part, run);
  await ports.parts.endDiscarding(part);
  await advanceImport(ports, task, 'discard');
}
