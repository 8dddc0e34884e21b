import { isDiscarded, type Lot, type LotRef, type Part } from '../domain/lot';
import { type AdvancePorts, advanceImport } from './advance-import';
import { type DiscardPorts, discardPart } from './discard-part';
import type { ImportPorts } from './import-ports';
import { readLines } from './read-lines';
import { UPLOAD_GONE } from './split-upload';

export type ClaimPorts = AdvancePorts & DiscardPorts & Pick<ImportPorts, 'fingerprinter'>;

/**
 * Claims the keys of a part's lines for the lot. Among equal keys of one lot the earliest line has the claim once
 * all parts are claimed, whatever their order.
 */
export async function claimPart(ports: ClaimPorts, task: LotRef & { readonly part: number }): Promise<void> {
  const lot = await ports.lots.find(task);
  const part = await ports.parts.find(task);
  if (lot === undefined || part === undefined) return;
  if (isDiscarded(lot)) return discardPart(ports, task);
  if (lot.status === 'claiming' && part.status === 'pending') {
    const outcome = await claim(ports, lot, part);
    if (outcome === 'upload_gone') return failImport(ports, lot);
    // The lot was discarded meanwhile, and with it what this part had claimed by then.
    if (outcome === 'raced') return claimPart(ports, task);
  }
  await advanceImport(ports, task, 'claim');
}

async function claim(ports: ClaimPorts, lot: Lot, part: Part) {
  const lines = await readLines(ports, lot, part);
  if (lines === undefined) return 'upload_gone';
  const fingerprintOf = await ports.fingerprinter.of(lot.merchantId);
  const claims = lines
    .filter((line) => line.kind === 'key')
    .map(({ line, normalised }) => ({ line, fingerprint: fingerprintOf(normalised) }));
  await ports.fingerprints.note(
    part,
    claims.map(({ fingerprint }) => fingerprint),
  );
  const outcomes = await ports.fingerprints.claimAll(lot.lotId, claims);
  const taken = claims.filter((_, i) => outcomes[i] === 'taken').map(({ line }) => line);
  return ports.parts.markClaimed(part, taken);
}

/** Discards an import that cannot be completed; it ends as failed. */
export async function failImport(ports: AdvancePorts, lot: Lot): Promise<void> {
  await ports.lots.beginDiscarding(lot, UPLOAD_GONE);
  await advanceImport(ports, lot);
}
