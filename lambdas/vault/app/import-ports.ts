import type { VerdictCounts } from '../../contract/imports';
import type { NewId } from '../../kernel/ids';
import type { Clock, Instant } from '../../kernel/time';
import type { Lot, LotRef, LotSize, Part, PartRef, PartResult, Run } from '../domain/lot';
import type { Segment } from '../domain/segment';
import type { Slot, SlotRef } from '../domain/slot';
import type { UploadPart } from '../domain/upload-division';
import type { LiveSegments, PoolStore } from './ports';

/** Which part of a list is wanted; `cursor` comes from the part before. */
export interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** `raced`: the lot or part had left the status that the transition starts from. */
export type Transition = 'moved' | 'raced';

/** Lots by merchant: another merchant's lot is as absent as one that never was. */
export interface LotStore {
  create(lot: Lot): Promise<void>;
  /** Strongly consistent. */
  find(ref: LotRef): Promise<Lot | undefined>;
  /** Throws `vault.import_not_found`. */
  load(ref: LotRef): Promise<Lot>;
  /** Newest first. A cursor that is none is `request.invalid`. */
  list(merchantId: string, page: Page): Promise<{ items: Lot[]; nextCursor?: string | undefined }>;
  /** awaiting_upload -> splitting */
  start(ref: LotRef, at: Instant): Promise<Transition>;
  /** splitting -> claiming */
  beginClaiming(ref: LotRef, size: LotSize): Promise<Transition>;
  /** splitting -> failed, before anything was claimed. */
  refuse(ref: LotRef, failure: string, at: Instant): Promise<Transition>;
  /** claiming -> writing */
  beginWriting(ref: LotRef): Promise<Transition>;
  /** writing -> publishing */
  beginPublishing(ref: LotRef): Promise<Transition>;
  /** publishing -> active */
  activate(ref: LotRef, counts: VerdictCounts, at: Instant): Promise<Transition>;
  /** Any status before publishing -> cancelling; with a failure it ends as failed. */
  beginDiscarding(ref: LotRef, failure?: string): Promise<Transition>;
  /** cancelling -> cancelled or failed */
  endDiscarding(ref: LotRef, to: 'cancelled' | 'failed', at: Instant): Promise<Transition>;
}

/** What a commit answers. `superseded`: a later run has the part, its outcome is open. */
export type Commit = 'committed' | 'superseded' | 'written_before' | 'discarded';

export interface PartStore {
  /** Pending, and only those that are not there yet. */
  createAll(lotId: string, parts: readonly UploadPart[]): Promise<void>;
  /** Strongly consistent. */
  find(ref: PartRef): Promise<Part | undefined>;
  /** Strongly consistent, in order. */
  list(lotId: string): Promise<Part[]>;
  /** pending -> claimed, with the lines whose key another import has. */
  markClaimed(ref: PartRef, taken: readonly number[]): Promise<Transition>;
  /** Makes the run the only one that may commit, while the part is claimed. */
  registerRun(ref: PartRef, run: Run): Promise<Transition>;
  /** claimed -> written, for the current run alone. */
  commitRun(ref: PartRef, runId: string, result: PartResult): Promise<Commit>;
  /** pending, claimed or written -> discarding. Answers the part, which registers no further run. */
  beginDiscarding(ref: PartRef): Promise<Part>;
  /** discarding -> discarded */
  endDiscarding(ref: PartRef): Promise<void>;
}

/** `earlier_line`: of the same lot. `taken`: by another lot. */
export type ClaimOutcome = 'claimed' | 'earlier_line' | 'taken';

export interface FingerprintOwner {
  readonly lotId: string;
  readonly line: number;
}

/** Who brought a key first, over all imports of a merchant. */
export interface FingerprintStore {
  /** Notes what a part is going to claim, so that it can be freed without its upload. */
  note(ref: PartRef, fingerprints: readonly string[]): Promise<void>;
  noted(ref: PartRef): Promise<string[]>;
  forgetNotes(lotId: string, parts: readonly number[]): Promise<void>;
  /** For each in order: the earliest line of a lot has it in the end, whatever the order of claims. */
  claimAll(
    lotId: string,
    claims: readonly { readonly fingerprint: string; readonly line: number }[],
  ): Promise<ClaimOutcome[]>;
  /** Strongly consistent. */
  owners(fingerprints: readonly string[]): Promise<ReadonlyMap<string, FingerprintOwner>>;
  /** Frees those that the lot owns. */
  freeAll(lotId: string, fingerprints: readonly string[]): Promise<void>;
}

/** A text by which equal keys of a merchant are found equal, and which tells nothing of the key. */
export type Fingerprint = (normalised: string) => string;

export interface Fingerprinter {
  of(merchantId: string): Promise<Fingerprint>;
}

export interface NewSlot extends Pick<Slot, 'segmentId' | 'index' | 'secretId' | 'mask'> {
  readonly fingerprint: string;
}

/** Slots before their segment is published: nobody else can know of them. */
export interface SlotWriter {
  putAll(slots: readonly NewSlot[]): Promise<void>;
  deleteAll(slots: readonly SlotRef[]): Promise<void>;
}

export interface SecretWriter {
  putAll(secrets: readonly { secretId: string; ciphertext: Uint8Array }[]): Promise<void>;
  deleteAll(secretIds: readonly string[]): Promise<void>;
}

export interface SegmentWriter {
  /** Those that are not there yet: a segment that is on sale stays as it is. */
  putAbsent(segments: readonly Segment[]): Promise<void>;
}

/** A data key for one segment. It is never kept unwrapped, and without it nothing is written. */
export interface DataKey {
  readonly wrapped: Uint8Array;
  seal(secretId: string, values: readonly string[]): Uint8Array;
}

export interface SecretSealer {
  newDataKey(segment: Pick<Segment, 'merchantId' | 'skuId' | 'segmentId'>): Promise<DataKey>;
}

export interface UploadForm {
  readonly url: string;
  readonly fields: Record<string, string>;
  readonly maxBytes: number;
  readonly expiresAt: Instant;
}

/** Uploaded key files: plaintext, kept until the lot is published or discarded and no longer. */
export interface UploadStore {
  /** A form with which a browser can put the file, within the size limit and for one hour. */
  form(ref: LotRef, now: Instant): Promise<UploadForm>;
  put(ref: LotRef, text: string): Promise<void>;
  exists(ref: LotRef): Promise<boolean>;
  /** Streams the bytes, or those of the range; undefined if there is no upload. */
  read(
    ref: LotRef,
    range?: Pick<UploadPart, 'byteStart' | 'byteEnd'>,
  ): Promise<AsyncIterable<Uint8Array> | undefined>;
  delete(ref: LotRef): Promise<void>;
}

/** One run's piece of a lot's verdict file. */
export interface PieceRef extends PartRef {
  readonly runId: string;
}

export interface Piece extends PieceRef {
  readonly bytes: number;
}

export interface VerdictStore {
  /** Answers its length in bytes. */
  putPiece(piece: PieceRef, rows: string): Promise<number>;
  deletePieces(pieces: readonly PieceRef[]): Promise<void>;
  /** One file of a header and all pieces in order. Its repeat after the pieces are gone changes nothing. */
  merge(ref: LotRef, header: string, pieces: readonly Piece[]): Promise<void>;
  /** A link for five minutes. */
  link(ref: LotRef, now: Instant): Promise<{ url: string; expiresAt: Instant }>;
}

/** What is to be done; positions alone, never text. */
export type ImportTask =
  | (LotRef & { readonly step: 'split' | 'advance' })
  | (LotRef & { readonly step: 'claim' | 'write' | 'discard'; readonly part: number });

export interface ImportQueue {
  send(tasks: readonly ImportTask[]): Promise<void>;
}

export interface SkuDirectory {
  hasSku(merchantId: string, productId: string, skuId: string): Promise<'yes' | 'no_product' | 'no_sku'>;
}

export interface ImportLimits {
  /** The most lines that one import may bring. */
  readonly lines: number;
  /** The most lines of one part: as much as one message works through in seconds. */
  readonly partLines: number;
}

export interface ImportPorts {
  readonly lots: LotStore;
  readonly parts: PartStore;
  readonly fingerprints: FingerprintStore;
  readonly fingerprinter: Fingerprinter;
  readonly slots: SlotWriter;
  readonly secrets: SecretWriter;
  readonly segments: SegmentWriter;
  readonly live: Pick<LiveSegments, 'add'>;
  readonly pools: Pick<PoolStore, 'put'>;
  readonly sealer: SecretSealer;
  readonly uploads: UploadStore;
  readonly verdicts: VerdictStore;
  readonly queue: ImportQueue;
  readonly skus: SkuDirectory;
  /** Ordered by time. */
  readonly newId: NewId;
  /** Random throughout: spreads over partitions. */
  readonly randomId: NewId;
  readonly clock: Clock;
  readonly limits: ImportLimits;
}
