import { toInstant } from '../../kernel/time';
import { type Lot, lotCounts, type Part } from '../domain/lot';
import { poolOf, type Segment } from '../domain/segment';
import { VERDICT_HEADER } from '../domain/verdict';
import type { ImportPorts, Piece } from './import-ports';

type Ports = Pick<
  ImportPorts,
  'lots' | 'parts' | 'fingerprints' | 'segments' | 'live' | 'pools' | 'uploads' | 'verdicts' | 'clock'
>;

/**
 * Puts a written lot on sale and ends its import. Every step may be repeated, also when keys have been sold
 * meanwhile. The sweeper learns of a segment before a buyer can.
 */
export async function publishLot(ports: Ports, lot: Lot): Promise<void> {
  if (lot.size === undefined) throw new Error('a lot that was never divided cannot be published');
  const parts = await ports.parts.list(lot.lotId);
  const ofParts = parts.map((part) => segmentsOf(lot, part));
  const pieces = parts.flatMap(piecesOf);

  for (const segments of ofParts) {
    await ports.segments.putAbsent(segments);
    await Promise.all(segments.map(({ segmentId }) => ports.live.add(segmentId)));
  }
  for (const segments of ofParts) {
    await Promise.all(segments.map((segment) => ports.pools.put(segment.pool, segment)));
  }

  await ports.verdicts.merge(lot, VERDICT_HEADER, pieces);
  await ports.verdicts.deletePieces(pieces);
  await ports.uploads.delete(lot);
  await ports.fingerprints.forgetNotes(
    lot.lotId,
    parts.map(({ part }) => part),
  );
  await ports.lots.activate(lot, lotCounts(lot.size, parts), toInstant(ports.clock()));
}

const segmentsOf = ({ merchantId, skuId, lotId, format }: Lot, { result }: Part): Segment[] =>
  (result?.segments ?? []).map(({ segmentId, size, expiresAt, wrappedDataKey }) => ({
    segmentId,
    merchantId,
    skuId,
    lotId,
    size,
    head: 0,
    avail: size,
    status: 'active',
    pool: poolOf(skuId),
    expiresAt,
    labels: format.columns.filter(({ role }) => role === 'secret').map(({ label }) => label),
    wrappedDataKey,
    swept: 0,
    headSeen: 0,
  }));

const piecesOf = ({ lotId, part, currentRun: runId, result }: Part): Piece[] =>
  runId === undefined || result === undefined ? [] : [{ lotId, part, runId, bytes: result.verdictBytes }];
