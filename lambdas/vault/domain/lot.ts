import type { KeyFormat, LotStatus, VerdictCounts } from '../../contract/imports';
import type { Instant } from '../../kernel/time';
import type { UploadPart } from './upload-division';
import type { PartCounts } from './verdict';

/** Keys that came in with one upload. */
export interface Lot {
  readonly merchantId: string;
  readonly lotId: string;
  readonly productId: string;
  readonly skuId: string;
  readonly status: LotStatus;
  readonly format: KeyFormat;
  readonly fileName?: string | undefined;
  readonly supplier?: string | undefined;
  readonly unitCostCents?: number | undefined;
  /** For keys whose line names no expiry. */
  readonly expiresAt?: Instant | undefined;
  readonly createdBy: string;
  readonly createdAt: Instant;
  /** Keys that had expired by then are refused. */
  readonly startedAt?: Instant | undefined;
  /** Known once the upload is divided. */
  readonly size?: LotSize | undefined;
  readonly counts?: VerdictCounts | undefined;
  readonly failure?: string | undefined;
  readonly finishedAt?: Instant | undefined;
}

export type LotRef = Pick<Lot, 'merchantId' | 'lotId'>;

export interface LotSize {
  readonly parts: number;
  readonly lines: number;
  readonly blank: number;
  readonly header: number;
}

/** What each status may become. Once publishing has begun there is no way but forward. */
export const lotTransitions: Readonly<Record<LotStatus, readonly LotStatus[]>> = {
  awaiting_upload: ['splitting', 'cancelling'],
  splitting: ['claiming', 'failed', 'cancelling'],
  claiming: ['writing', 'cancelling'],
  writing: ['publishing', 'cancelling'],
  publishing: ['active'],
  cancelling: ['cancelled', 'failed'],
  active: [],
  failed: [],
  cancelled: [],
};

/** The statuses from which a lot may become `to`. */
export const lotStatusesBefore = (to: LotStatus): LotStatus[] =>
  (Object.keys(lotTransitions) as LotStatus[]).filter((from) => lotTransitions[from].includes(to));

/** Its keys are, or are being, forgotten. */
export const isDiscarded = ({ status }: Pick<Lot, 'status'>): boolean =>
  status === 'cancelling' || status === 'cancelled' || status === 'failed';

export const partStatuses = ['pending', 'claimed', 'written', 'discarding', 'discarded'] as const;
export type PartStatus = (typeof partStatuses)[number];

/** What each status may become. */
export const partTransitions: Readonly<Record<PartStatus, readonly PartStatus[]>> = {
  pending: ['claimed', 'discarding'],
  claimed: ['written', 'discarding'],
  written: ['discarding'],
  discarding: ['discarded'],
  discarded: [],
};

export const partStatusesBefore = (to: PartStatus): PartStatus[] =>
  partStatuses.filter((from) => partTransitions[from].includes(to));

/** One attempt to write a part's keys. Registered before it writes, so that its rows can always be found. */
export interface Run {
  readonly runId: string;
  readonly segments: readonly RunSegment[];
}

export interface RunSegment {
  readonly segmentId: string;
  readonly size: number;
}

/** A segment that is written and waits to be published. */
export interface WrittenSegment extends RunSegment {
  readonly expiresAt: Instant;
  readonly wrappedDataKey: Uint8Array;
}

export interface PartResult {
  readonly segments: readonly WrittenSegment[];
  readonly counts: PartCounts;
  /** Length of the part's piece of the verdict file. */
  readonly verdictBytes: number;
}

export interface Part extends UploadPart {
  readonly lotId: string;
  readonly status: PartStatus;
  /** Lines whose key another import had when the part was claimed: duplicates, whatever becomes of that import. */
  readonly taken: readonly number[];
  /** Every run that ever began to write. */
  readonly runs: readonly Run[];
  /** The run that alone may commit. */
  readonly currentRun?: string | undefined;
  readonly result?: PartResult | undefined;
}

export type PartRef = Pick<Part, 'lotId' | 'part'>;

/** Sums the parts of a lot that is written. */
export function lotCounts({ lines, blank, header }: LotSize, parts: readonly Part[]): VerdictCounts {
  const sum = (name: keyof PartCounts): number =>
    parts.reduce((total, { result }) => total + (result?.counts[name] ?? 0), 0);
  return {
    lines,
    accepted: sum('accepted'),
    duplicateInFile: sum('duplicateInFile'),
    duplicateInVault: sum('duplicateInVault'),
    malformed: sum('malformed'),
    blank,
    header,
  };
}

/** Part statuses that count as done in each phase that works through parts. */
const doneIn: Partial<Record<LotStatus, readonly PartStatus[]>> = {
  claiming: ['claimed'],
  writing: ['written'],
  cancelling: ['discarded'],
};

/** Whether progress is to be read off the parts. */
export const isWorkingThroughParts = ({ status }: Pick<Lot, 'status'>): boolean =>
  doneIn[status] !== undefined;

/** Lines of the running phase that are worked through, of all known. */
export function progressOf(
  lot: Pick<Lot, 'status' | 'size'>,
  parts: readonly Pick<Part, 'status' | 'lines'>[],
): { done: number; total: number } {
  const total = lot.size?.lines ?? 0;
  const statuses = doneIn[lot.status];
  if (statuses === undefined) {
    return { done: lot.status === 'publishing' || lot.status === 'active' ? total : 0, total };
  }
  const done = parts
    .filter(({ status }) => statuses.includes(status))
    .reduce((sum, { lines }) => sum + lines, 0);
  return { done, total };
}
