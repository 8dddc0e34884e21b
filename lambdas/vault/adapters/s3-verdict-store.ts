import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { importFolders } from '../../contract/imports';
import { plusSeconds } from '../../kernel/time';
import { inParallel } from '../../store/in-parallel';
import type { Piece, PieceRef, VerdictStore } from '../app/import-ports';
import type { LotRef } from '../domain/lot';

const LINK_SECONDS = 5 * 60;
const PARALLEL = 8;
const CONTENT_TYPE = 'text/csv; charset=utf-8';

/**
 * | verdicts of a lot      | key verdicts/<merchantId>/<lotId>.csv          |
 * | a run's piece of them  | key verdict-pieces/<lotId>/<part>-<runId>.csv  |
 */
export class S3VerdictStore implements VerdictStore {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
  ) {}

  async putPiece(piece: PieceRef, rows: string): Promise<number> {
    const Body = Buffer.from(rows);
    await this.client.send(
      new PutObjectCommand({ Bucket: this.bucket, Key: pieceKey(piece), Body, ContentType: CONTENT_TYPE }),
    );
    return Body.length;
  }

  async deletePieces(pieces: readonly PieceRef[]): Promise<void> {
    if (pieces.length === 0) return;
    // An import has far fewer parts than the thousand keys that one request may name.
    const { Errors = [] } = await this.client.send(
      new DeleteObjectsCommand({
        Bucket: this.bucket,
        Delete: { Objects: pieces.map((piece) => ({ Key: pieceKey(piece) })), Quiet: true },
      }),
    );
    if (Errors.length > 0) throw new Error(`S3 did not delete ${Errors.length} pieces: ${Errors[0]?.Code}`);
  }

  /**
   * In memory: some 25 MB at most (a hundred thousand lines of 250 bytes). A stream that breaks off, as it does when
   * a twin has merged and deleted the pieces, would leave the SDK's request hanging, and could not be retried.
   */
  async merge(ref: LotRef, header: string, pieces: readonly Piece[]): Promise<void> {
    if (await this.#isMerged(ref)) return;
    const contents = await inParallel(pieces, PARALLEL, (piece) => this.#piece(piece));
    const Body = Buffer.concat([Buffer.from(header), ...contents]);
    await this.client.send(new PutObjectCommand({ ...this.#file(ref), Body, ContentType: CONTENT_TYPE }));
  }

  async link(ref: LotRef, now: string): Promise<{ url: string; expiresAt: string }> {
    const command = new GetObjectCommand({
      ...this.#file(ref),
      ResponseContentDisposition: `attachment; filename="verdicts-${ref.lotId}.csv"`,
    });
    const url = await getSignedUrl(this.client, command, { expiresIn: LINK_SECONDS });
    return { url, expiresAt: plusSeconds(now, LINK_SECONDS) };
  }

  async #piece(piece: Piece): Promise<Uint8Array> {
    const object = { Bucket: this.bucket, Key: pieceKey(piece) };
    const { Body } = await this.client.send(new GetObjectCommand(object));
    if (Body === undefined) throw new Error('S3 answered no body');
    const bytes = await Body.transformToByteArray();
    if (bytes.length !== piece.bytes) throw new Error('a piece of the verdicts is not as it was written');
    return bytes;
  }

  async #isMerged(ref: LotRef): Promise<boolean> {
    try {
      await this.client.send(new HeadObjectCommand(this.#file(ref)));
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }

  #file({ merchantId, lotId }: LotRef) {
    return { Bucket: this.bucket, Key: `${importFolders.verdicts}/${merchantId}/${lotId}.csv` };
  }
}

const pieceKey = ({ lotId, part, runId }: PieceRef): string =>
  `${importFolders.pieces}/${lotId}/${String(part).padStart(5, '0')}-${runId}.csv`;
