import type { KeyFormat } from '../../contract/imports';
import { delimiterUnits } from './delimiter-units';

/** A longer record is refused: no key of the trade comes near it, and memory stays bounded. */
export const MAX_RECORD_BYTES = 8 * 1024;

/** What the text holds between two line breaks (in quotes, line breaks belong to it). */
export interface RawRecord {
  /** The line of text that it begins on, from 1. */
  readonly line: number;
  /** Its bytes in the upload, from `start` to before `end`; the line break is among them. */
  readonly start: number;
  readonly end: number;
  /** Without the line feed; empty if there is a fault. */
  readonly bytes: Uint8Array;
  readonly fault?: 'too_long' | 'unclosed_quote';
}

export interface Position {
  /** Offset of the first byte in the upload. */
  readonly byte: number;
  readonly line: number;
}

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Finds the records in a stream of bytes, however it is cut into chunks, and keeps no more of it than one record.
 * Blank and header records are counted and left out. Neither a line feed nor a quote is ever the second byte of a
 * GBK character, so bytes are enough to tell.
 */
export class RecordSplitter {
  #blank = 0;
  #header = 0;
  readonly #ends: RecordEnds;
  readonly #headerLines: number;
  #position: number;
  #markBytes: number;

  #line: number;
  #start: number;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #onlyBlanks = true;

  constructor(
    format: Pick<KeyFormat, 'encoding' | 'delimiter' | 'quoted' | 'headerLines'>,
    from: Position = { byte: 0, line: 1 },
  ) {
    this.#ends = format.quoted ? new QuotedRecordEnds(format) : new LineEnds();
    this.#headerLines = format.headerLines;
    this.#position = from.byte;
    this.#start = from.byte;
    this.#line = from.line;
    this.#markBytes = format.encoding === 'utf-8' && from.byte === 0 ? 0 : BYTE_ORDER_MARK.length;
  }

  /** Records of spaces alone, or of nothing. */
  get blank(): number {
    return this.#blank;
  }

  get header(): number {
    return this.#header;
  }

  /** The records that end in this chunk. */
  *push(chunk: Uint8Array): Generator<RawRecord> {
    let from = this.#skipMark(chunk);
    while (from < chunk.length) {
      const end = this.#ends.find(chunk, from);
      this.#keep(chunk.subarray(from, end === -1 ? chunk.length : end));
      const next = end === -1 ? chunk.length : end + 1;
      this.#position += next - from;
      from = next;
      if (end !== -1) yield* this.#finish(false);
    }
  }

  /** The last record, if no line break follows it. */
  *end(): Generator<RawRecord> {
    if (this.#markBytes < BYTE_ORDER_MARK.length) {
      const held = this.#markBytes;
      this.#markBytes = BYTE_ORDER_MARK.length;
      yield* this.push(Uint8Array.from(BYTE_ORDER_MARK.slice(0, held)));
    }
    if (this.#position > this.#start) yield* this.#finish(this.#ends.inQuotes);
  }

  /** Answers where the text begins in the chunk. A mark that turns out to be none is text. */
  #skipMark(chunk: Uint8Array): number {
    let from = 0;
    while (this.#markBytes < BYTE_ORDER_MARK.length && from < chunk.length) {
      if (chunk[from] !== BYTE_ORDER_MARK[this.#markBytes]) {
        const held = Uint8Array.from(BYTE_ORDER_MARK.slice(0, this.#markBytes));
        this.#markBytes = BYTE_ORDER_MARK.length;
        if (held.length > 0) {
          this.#ends.find(held, 0);
          this.#keep(held);
          this.#position += held.length;
        }
        return from;
      }
      this.#markBytes += 1;
      from += 1;
      if (this.#markBytes === BYTE_ORDER_MARK.length) {
        this.#position += BYTE_ORDER_MARK.length;
        this.#start = this.#position;
      }
    }
    return from;
  }

  #keep(piece: Uint8Array): void {
    this.#onlyBlanks &&= piece.every(isBlank);
    this.#length += piece.length;
    if (this.#length > MAX_RECORD_BYTES) this.#pieces = [];
    else if (piece.length > 0) this.#pieces.push(piece);
  }

  *#finish(unclosed: boolean): Generator<RawRecord> {
    const record = this.#record(unclosed);
    const isHeader = this.#header < this.#headerLines;
    const isBlankRecord = this.#onlyBlanks;
    this.#line += 1 + this.#ends.takeInnerLineBreaks();
    this.#start = this.#position;
    this.#pieces = [];
    this.#length = 0;
    this.#onlyBlanks = true;
    if (isHeader) this.#header += 1;
    else if (isBlankRecord) this.#blank += 1;
    else yield record;
  }

  #record(unclosed: boolean): RawRecord {
    const place = { line: this.#line, start: this.#start, end: this.#position };
    if (unclosed) return { ...place, bytes: new Uint8Array(), fault: 'unclosed_quote' };
    if (this.#length > MAX_RECORD_BYTES) return { ...place, bytes: new Uint8Array(), fault: 'too_long' };
    return { ...place, bytes: joined(this.#pieces, this.#length) };
  }
}

/** Where records end in a stream of bytes. */
interface RecordEnds {
  /** The index of the line feed that ends the record, or -1. Every byte must be shown once, in order. */
  find(chunk: Uint8Array, from: number): number;
  /** Line feeds within the record that has just ended. */
  takeInnerLineBreaks(): number;
  readonly inQuotes: boolean;
}

class LineEnds implements RecordEnds {
  readonly inQuotes = false;

  find(chunk: Uint8Array, from: number): number {
    return chunk.indexOf(LINE_FEED, from);
  }

  takeInnerLineBreaks(): number {
    return 0;
  }
}

/** A quote opens at the start of a field alone; a key with a quote in its middle swallows no lines. */
class QuotedRecordEnds implements RecordEnds {
  readonly #delimiter: readonly number[];
  readonly #isGbk: boolean;
  #state: 'field_start' | 'plain' | 'quoted' | 'quote_in_quoted' = 'field_start';
  /** How many of the delimiter's units the last ones are. */
  #matched = 0;
  /** First byte of a GBK character. */
  #lead = 0;
  #innerLineBreaks = 0;

  constructor({ encoding, delimiter }: Pick<KeyFormat, 'encoding' | 'delimiter'>) {
    this.#delimiter = delimiterUnits(encoding, delimiter ?? '');
    this.#isGbk = encoding === 'gbk';
  }

  get inQuotes(): boolean {
    return this.#state === 'quoted';
  }

  takeInnerLineBreaks(): number {
    const count = this.#innerLineBreaks;
    this.#innerLineBreaks = 0;
    return count;
  }

  find(chunk: Uint8Array, from: number): number {
    for (let i = from; i < chunk.length; i += 1) {
      const unit = this.#unit(chunk[i] ?? 0);
      if (unit === undefined) continue;
      if (this.#state === 'quoted') {
        if (unit === QUOTE) this.#state = 'quote_in_quoted';
        else if (unit === LINE_FEED) this.#innerLineBreaks += 1;
      } else if (unit === LINE_FEED) {
        this.#state = 'field_start';
        this.#matched = 0;
        return i;
      } else if (unit === QUOTE && this.#state !== 'plain') {
        this.#state = 'quoted';
      } else {
        this.#state = this.#endsDelimiter(unit) ? 'field_start' : 'plain';
      }
    }
    return -1;
  }

  /** A byte, or in GBK a character of two bytes as one number; undefined in its middle. */
  #unit(byte: number): number | undefined {
    const lead = this.#lead;
    this.#lead = 0;
    if (lead !== 0 && byte !== LINE_FEED && byte !== QUOTE) return (lead << 8) | byte;
    if (!this.#isGbk || byte < 0x81 || byte > 0xfe) return byte;
    this.#lead = byte;
    return undefined;
  }

  /** Leftmost matches that do not overlap, as splitting the decoded text finds them. */
  #endsDelimiter(unit: number): boolean {
    if (this.#delimiter.length === 0) return false;
    while (this.#matched > 0 && unit !== this.#delimiter[this.#matched]) {
      this.#matched = longestBorder(this.#delimiter, this.#matched);
    }
    if (unit === this.#delimiter[this.#matched]) this.#matched += 1;
    if (this.#matched < this.#delimiter.length) return false;
    this.#matched = 0;
    return true;
  }
}

/** The longest proper beginning of the first `length` units that is their end too. */
function longestBorder(units: readonly number[], length: number): number {
  for (let border = length - 1; border > 0; border -= 1) {
    if (units.slice(0, border).every((unit, i) => unit === units[length - border + i])) return border;
  }
  return 0;
}

const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
