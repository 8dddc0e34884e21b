import { cutSegments, type SegmentCut, secretIdOf } from '../domain/cut-segments';
import { isDiscarded, type Lot, type LotRef, type Part, type Run, type WrittenSegment } from '../domain/lot';
import { maskKey } from '../domain/mask-key';
import type { KeyLine, ReadLine } from '../domain/read-key';
import { countVerdicts, type LineVerdict, type Verdict, verdictRows } from '../domain/verdict';
import { advanceImport } from './advance-import';
import { type ClaimPorts, failImport } from './claim-part';
import { discardPart } from './discard-part';
import { dropRun } from './drop-run';
import type { DataKey, FingerprintOwner, ImportPorts, NewSlot } from './import-ports';
import { readLines } from './read-lines';

export type WritePorts = ClaimPorts & Pick<ImportPorts, 'sealer' | 'randomId'>;

/** A line's key, known by its fingerprint and its mask. */
interface MaskedKey extends KeyLine {
  readonly fingerprint: string;
  readonly mask: string;
}

/**
 * Settles the verdicts of a part's lines and writes the accepted keys. Each run writes rows of its own, which it
 * registers first, and only the run that registered last may commit: two deliveries at once end in one set of rows,
 * and the rows of a run that was cut off can be found and deleted.
 */
export async function writePart(ports: WritePorts, task: LotRef & { readonly part: number }): Promise<void> {
  const lot = await ports.lots.find(task);
  const part = await ports.parts.find(task);
  if (lot === undefined || part === undefined) return;
  if (isDiscarded(lot)) return discardPart(ports, task);
  if (part.status === 'written') await dropOtherRuns(ports, part);
  if (lot.status === 'writing' && part.status === 'claimed') {
    const outcome = await write(ports, lot, part);
    if (outcome === 'upload_gone') return failImport(ports, lot);
    // Acknowledged now, the message could be missing if the other run is cut off.
    if (outcome === 'superseded') throw new Error('another run has taken the part over');
    // It is written or the lot is discarded: what that asks for is done above.
    return writePart(ports, task);
  }
  await advanceImport(ports, task, 'write');
}

async function write(ports: WritePorts, lot: Lot, part: Part) {
  const lines = await readLines(ports, lot, part);
  if (lines === undefined) return 'upload_gone';
  const { verdicts, accepted } = await settle(ports, lot, part, lines);
  const cuts = cutSegments(accepted).map((cut) => ({ ...cut, segmentId: ports.randomId('seg') }));
  const run: Run = {
    runId: ports.randomId('run'),
    segments: cuts.map(({ segmentId, keys }) => ({ segmentId, size: keys.length })),
  };
  if ((await ports.parts.registerRun(part, run)) === 'raced') return 'raced';

  const segments: WrittenSegment[] = [];
  for (const cut of cuts) segments.push(await writeSegment(ports, lot, cut));
  const verdictBytes = await ports.verdicts.putPiece({ ...part, runId: run.runId }, verdictRows(verdicts));

  const result = { segments, counts: countVerdicts(verdicts), verdictBytes };
  const outcome = await ports.parts.commitRun(part, run.runId, result);
  if (outcome !== 'committed') await dropRun(ports, part, run);
  return outcome;
}

async function writeSegment(
  { sealer, secrets, slots }: Pick<ImportPorts, 'sealer' | 'secrets' | 'slots'>,
  { merchantId, skuId }: Lot,
  { segmentId, expiresAt, keys }: SegmentCut<MaskedKey> & { readonly segmentId: string },
): Promise<WrittenSegment> {
  const dataKey: DataKey = await sealer.newDataKey({ merchantId, skuId, segmentId });
  const rows = keys.map(({ values, mask, fingerprint }, index) => {
    const secretId = secretIdOf({ segmentId, index });
    const slot: NewSlot = { segmentId, index, secretId, mask, fingerprint };
    return { slot, secret: { secretId, ciphertext: dataKey.seal(secretId, values) } };
  });
  await Promise.all([
    secrets.putAll(rows.map(({ secret }) => secret)),
    slots.putAll(rows.map(({ slot }) => slot)),
  ]);
  return { segmentId, size: keys.length, expiresAt, wrappedDataKey: dataKey.wrapped };
}

async function settle(
  { fingerprinter, fingerprints }: Pick<ImportPorts, 'fingerprinter' | 'fingerprints'>,
  lot: Lot,
  part: Part,
  lines: readonly ReadLine[],
): Promise<{ verdicts: LineVerdict[]; accepted: MaskedKey[] }> {
  const fingerprintOf = await fingerprinter.of(lot.merchantId);
  const read = lines.map((line) =>
    line.kind === 'key'
      ? { ...line, fingerprint: fingerprintOf(line.normalised), mask: maskKey(line.values) }
      : line,
  );
  const keys = read.filter((line) => line.kind === 'key');
  const owners = await fingerprints.owners(keys.map(({ fingerprint }) => fingerprint));
  const taken = new Set(part.taken);
  const verdictOf = (key: MaskedKey): Verdict =>
    taken.has(key.line) ? { kind: 'duplicate_in_vault' } : settled(lot, key, owners.get(key.fingerprint));

  const accepted: MaskedKey[] = [];
  const verdicts = read.map((line): LineVerdict => {
    if (line.kind === 'malformed') {
      return { line: line.line, mask: '', verdict: { kind: 'malformed', reason: line.reason } };
    }
    const verdict = verdictOf(line);
    if (verdict.kind === 'accepted') accepted.push(line);
    return { line: line.line, mask: line.mask, verdict };
  });
  return { verdicts, accepted };
}

/** The lot has owned the key of a line that was not taken ever since all parts were claimed. */
function settled(lot: Lot, { line }: KeyLine, owner: FingerprintOwner | undefined): Verdict {
  if (owner?.lotId !== lot.lotId) throw new Error('a claimed key is not its lot’s');
  return owner.line === line ? { kind: 'accepted' } : { kind: 'duplicate_in_file', firstLine: owner.line };
}

async function dropOtherRuns(ports: WritePorts, part: Part): Promise<void> {
  for (const run of part.runs) {
    if (run.runId !== part.currentRun) await dropRun(ports, part, run);
  }
}
