import { secretIdOf } from '../domain/cut-segments';
import type { PartRef, Run } from '../domain/lot';
import type { ImportPorts } from './import-ports';

/** Deletes what a run of a part may have written. Its segments are not published and never will be. */
export async function dropRun(
  { slots, secrets, verdicts }: Pick<ImportPorts, 'slots' | 'secrets' | 'verdicts'>,
  { lotId, part }: PartRef,
  { runId, segments }: Run,
): Promise<void> {
  const refs = segments.flatMap(({ segmentId, size }) =>
    Array.from({ length: size }, (_, index) => ({ segmentId, index })),
  );
  await slots.deleteAll(refs);
  await secrets.deleteAll(refs.map(secretIdOf));
  await verdicts.deletePieces([{ lotId, part, runId }]);
}
