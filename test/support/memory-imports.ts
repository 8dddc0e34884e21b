import type { VerdictCounts } from '../../lambdas/contract/imports';
import { lotId } from '../../lambdas/contract/values';
import { notFound } from '../../lambdas/kernel/errors';
import { decodeCursor, encodeCursor } from '../../lambdas/store/cursor';
import type {
  ClaimOutcome,
  Commit,
  FingerprintOwner,
  FingerprintStore,
  LotStore,
  Page,
  PartStore,
  Transition,
} from '../../lambdas/vault/app/import-ports';
import {
  type Lot,
  type LotRef,
  type LotSize,
  lotStatusesBefore,
  type Part,
  type PartRef,
  type PartResult,
  partStatusesBefore,
  type Run,
} from '../../lambdas/vault/domain/lot';
import type { UploadPart } from '../../lambdas/vault/domain/upload-division';

export class MemoryLotStore implements LotStore {
  readonly lots = new Map<string, Lot>();

  async create(lot: Lot) {
    this.lots.set(lotName(lot), lot);
  }

  async find(ref: LotRef) {
    return this.lots.get(lotName(ref));
  }

  async load(ref: LotRef) {
    const lot = await this.find(ref);
    if (lot === undefined) throw notFound('vault.import_not_found');
    return lot;
  }

  async list(merchantId: string, { limit, cursor }: Page) {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, lotId);
    const lots = [...this.lots.values()]
      .filter((lot) => lot.merchantId === merchantId && (before === undefined || lot.lotId < before))
      .sort((a, b) => (a.lotId > b.lotId ? -1 : 1));
    const items = lots.slice(0, limit);
    const last = items.at(-1);
    const isMore = items.length === limit && last !== undefined;
    return isMore ? { items, nextCursor: encodeCursor(last.lotId) } : { items };
  }

  start = (ref: LotRef, startedAt: string) =>
    this.#move(ref, ['awaiting_upload'], { status: 'splitting', startedAt });
  beginClaiming = (ref: LotRef, size: LotSize) =>
    this.#move(ref, ['splitting'], { status: 'claiming', size });
  refuse = (ref: LotRef, failure: string, finishedAt: string) =>
    this.#move(ref, ['splitting'], { status: 'failed', failure, finishedAt });
  beginWriting = (ref: LotRef) => this.#move(ref, ['claiming'], { status: 'writing' });
  beginPublishing = (ref: LotRef) => this.#move(ref, ['writing'], { status: 'publishing' });
  activate = (ref: LotRef, counts: VerdictCounts, finishedAt: string) =>
    this.#move(ref, ['publishing'], { status: 'active', counts, finishedAt });
  beginDiscarding = (ref: LotRef, failure?: string) =>
    this.#move(ref, lotStatusesBefore('cancelling'), { status: 'cancelling', ...(failure && { failure }) });
  endDiscarding = (ref: LotRef, status: 'cancelled' | 'failed', finishedAt: string) =>
    this.#move(ref, ['cancelling'], { status, finishedAt });

  async #move(ref: LotRef, from: readonly string[], change: Partial<Lot>): Promise<Transition> {
    const lot = this.lots.get(lotName(ref));
    if (lot === undefined || !from.includes(lot.status)) return 'raced';
    this.lots.set(lotName(ref), { ...lot, ...change });
    return 'moved';
  }
}

export class MemoryPartStore implements PartStore {
  readonly parts = new Map<string, Part>();

  async createAll(lotId: string, parts: readonly UploadPart[]) {
    for (const part of parts) {
      const name = partName({ lotId, ...part });
      if (!this.parts.has(name)) {
        this.parts.set(name, { lotId, ...part, status: 'pending', taken: [], runs: [] });
      }
    }
  }

  async find(ref: PartRef) {
    return this.parts.get(partName(ref));
  }

  async list(lotId: string) {
    return [...this.parts.values()].filter((part) => part.lotId === lotId).sort((a, b) => a.part - b.part);
  }

  markClaimed = async (ref: PartRef, taken: readonly number[]) =>
    this.#move(ref, ['pending'], { status: 'claimed', taken });

  async registerRun(ref: PartRef, run: Run) {
    const runs = [...this.#part(ref).runs, run];
    return this.#move(ref, ['claimed'], { runs, currentRun: run.runId });
  }

  async commitRun(ref: PartRef, runId: string, result: PartResult): Promise<Commit> {
    const { status, currentRun } = this.#part(ref);
    if (status === 'written') return currentRun === runId ? 'committed' : 'written_before';
    if (status !== 'claimed') return 'discarded';
    if (currentRun !== runId) return 'superseded';
    this.#move(ref, ['claimed'], { status: 'written', result });
    return 'committed';
  }

  async beginDiscarding(ref: PartRef) {
    this.#move(ref, partStatusesBefore('discarding'), { status: 'discarding' });
    return this.#part(ref);
  }

  async endDiscarding(ref: PartRef) {
    this.#move(ref, ['discarding'], { status: 'discarded' });
  }

  #part(ref: PartRef): Part {
    const part = this.parts.get(partName(ref));
    if (part === undefined) throw new Error('there is no such part');
    return part;
  }

  #move(ref: PartRef, from: readonly string[], change: Partial<Part>): Transition {
    const part = this.#part(ref);
    if (!from.includes(part.status)) return 'raced';
    this.parts.set(partName(ref), { ...part, ...change });
    return 'moved';
  }
}

export class MemoryFingerprintStore implements FingerprintStore {
  readonly #owners = new Map<string, FingerprintOwner>();
  readonly #notes = new Map<string, string[]>();

  async note(ref: PartRef, fingerprints: readonly string[]) {
    this.#notes.set(partName(ref), [...fingerprints]);
  }

  async noted(ref: PartRef) {
    return this.#notes.get(partName(ref)) ?? [];
  }

  async forgetNotes(lotId: string, parts: readonly number[]) {
    for (const part of parts) this.#notes.delete(partName({ lotId, part }));
  }

  async claimAll(lotId: string, claims: readonly { fingerprint: string; line: number }[]) {
    const inOrder = [...claims].sort((a, b) => a.line - b.line);
    const outcomes = new Map(inOrder.map((claim) => [claim, this.#claim(lotId, claim)] as const));
    return claims.map((claim) => outcomes.get(claim) ?? 'taken');
  }

  #claim(lotId: string, { fingerprint, line }: { fingerprint: string; line: number }): ClaimOutcome {
    const owner = this.#owners.get(fingerprint);
    if (owner !== undefined && owner.lotId !== lotId) return 'taken';
    if (owner !== undefined && owner.line < line) return 'earlier_line';
    this.#owners.set(fingerprint, { lotId, line });
    return 'claimed';
  }

  async owners(fingerprints: readonly string[]) {
    return new Map([...this.#owners].filter(([fingerprint]) => fingerprints.includes(fingerprint)));
  }

  async freeAll(lotId: string, fingerprints: readonly string[]) {
    for (const fingerprint of fingerprints) {
      if (this.#owners.get(fingerprint)?.lotId === lotId) this.#owners.delete(fingerprint);
    }
  }
}

const lotName = ({ merchantId, lotId }: LotRef): string => `${merchantId}/${lotId}`;
const partName = ({ lotId, part }: PartRef): string => `${lotId}/${part}`;
