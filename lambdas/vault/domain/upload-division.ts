import type { RawRecord } from './record-splitter';

/** A run of an upload's records that are worked through together. */
export interface UploadPart {
  /** From 1. */
  readonly part: number;
  readonly byteStart: number;
  /** Exclusive. */
  readonly byteEnd: number;
  readonly firstLine: number;
  /** Records with content, not lines of text. */
  readonly lines: number;
}

/** Cuts an upload into parts, the same for the same upload. */
export class UploadDivision {
  readonly #parts: UploadPart[] = [];
  #lines = 0;

  /** @param partLines the most lines of one part */
  constructor(private readonly partLines: number) {}

  get parts(): readonly UploadPart[] {
    return this.#parts;
  }

  get lines(): number {
    return this.#lines;
  }

  add(record: RawRecord): void {
    this.#lines += 1;
    const last = this.#parts.at(-1);
    if (last !== undefined && last.lines < this.partLines) {
      this.#parts[this.#parts.length - 1] = { ...last, byteEnd: record.end, lines: last.lines + 1 };
    } else {
      this.#parts.push({
        part: this.#parts.length + 1,
        byteStart: record.start,
        byteEnd: record.end,
        firstLine: record.line,
        lines: 1,
      });
    }
  }
}

const FOREIGN: readonly (readonly [bytes: readonly number[], failure: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'The file is an Excel workbook. Save it as CSV (UTF-8) and import that.'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'The file is an Excel workbook. Save it as CSV (UTF-8) and import that.'],
  [[0xff, 0xfe], 'The file is UTF-16 text. Save it as UTF-8 and import that.'],
  [[0xfe, 0xff], 'The file is UTF-16 text. Save it as UTF-8 and import that.'],
];

/** Why an upload that begins so is no text of keys, if it is none. */
export const foreignFile = (beginning: Uint8Array): string | undefined =>
  FOREIGN.find(([bytes]) => bytes.every((byte, i) => beginning[i] === byte))?.[1];
