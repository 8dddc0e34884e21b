import type { Piece, PieceRef, UploadStore, VerdictStore } from '../../lambdas/vault/app/import-ports';
import type { LotRef } from '../../lambdas/vault/domain/lot';

const CHUNK = 7;

/** Uploads in memory, read in chunks that cut lines and characters apart. */
export class MemoryUploads implements UploadStore {
  readonly files = new Map<string, Buffer>();

  async form(ref: LotRef, now: string) {
    return { url: 'memory:', fields: { key: nameOf(ref) }, maxBytes: 1, expiresAt: now };
  }

  async put(ref: LotRef, text: string | Buffer) {
    this.files.set(nameOf(ref), Buffer.from(text));
  }

  async exists(ref: LotRef) {
    return this.files.has(nameOf(ref));
  }

  async read(ref: LotRef, range?: { byteStart: number; byteEnd: number }) {
    const file = this.files.get(nameOf(ref));
    return file && inChunks(file.subarray(range?.byteStart, range?.byteEnd));
  }

  async delete(ref: LotRef) {
    this.files.delete(nameOf(ref));
  }
}

async function* inChunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const size = bytes.length > 100_000 ? 65_536 : CHUNK;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export class MemoryVerdicts implements VerdictStore {
  readonly pieces = new Map<string, string>();
  readonly files = new Map<string, string>();

  async putPiece(piece: PieceRef, rows: string) {
    this.pieces.set(pieceName(piece), rows);
    return Buffer.byteLength(rows);
  }

  async deletePieces(pieces: readonly PieceRef[]) {
    for (const piece of pieces) this.pieces.delete(pieceName(piece));
  }

  async merge(ref: LotRef, header: string, pieces: readonly Piece[]) {
    if (this.files.has(nameOf(ref))) return;
    const rows = pieces.map((piece) => {
      const found = this.pieces.get(pieceName(piece));
      if (found === undefined || Buffer.byteLength(found) !== piece.bytes) throw new Error('no such piece');
      return found;
    });
    this.files.set(nameOf(ref), [header, ...rows].join(''));
  }

  async link(ref: LotRef, now: string) {
    return { url: `memory:${nameOf(ref)}`, expiresAt: now };
  }
}

const nameOf = ({ merchantId, lotId }: LotRef): string => `${merchantId}/${lotId}`;
const pieceName = ({ lotId, part, runId }: PieceRef): string => `${lotId}/${part}-${runId}`;
