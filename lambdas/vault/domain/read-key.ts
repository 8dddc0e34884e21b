import type { KeyFormat } from '../../contract/imports';
import { type Instant, NEVER } from '../../kernel/time';
import { expiryParser } from './parse-expiry';
import { MAX_RECORD_BYTES, type RawRecord } from './record-splitter';

/** A line of an upload that holds a key. */
export interface KeyLine {
  readonly kind: 'key';
  readonly line: number;
  /** The secret columns in the format's order, as given but for blanks at their ends. */
  readonly values: readonly string[];
  /** Equal for keys that count as the same: NFC, case kept. */
  readonly normalised: string;
  readonly expiresAt: Instant;
}

export interface MalformedLine {
  readonly kind: 'malformed';
  readonly line: number;
  /** Says what is wrong without quoting the line. */
  readonly reason: string;
}

export type ReadLine = KeyLine | MalformedLine;

/** No value holds it: control characters are refused. */
const UNIT_SEPARATOR = '\u001f';

const FAULTS: Record<NonNullable<RawRecord['fault']>, string> = {
  too_long: `is longer than ${MAX_RECORD_BYTES} bytes`,
  unclosed_quote: 'opens a quote that is never closed; all that follows it was read as part of it',
};

class Malformed extends Error {}

/**
 * Reads records as the format says. `at` is the moment by which a key is expired or not: one and the same for all
 * runs of an import, so that they agree.
 */
export function keyReader(
  format: KeyFormat,
  { at, expiresAt: ofLot = NEVER }: { readonly at: Instant; readonly expiresAt?: Instant | undefined },
): (record: RawRecord) => ReadLine {
  const decoder = new TextDecoder(format.encoding, { fatal: true });
  const parseExpiry = expiryParser(format.timeZone);
  const columnsNeeded = Math.max(...format.columns.map(({ index }) => index)) + 1;

  const decode = (bytes: Uint8Array): string => {
    try {
      // The decoder lets this byte pass as a private character; it is none of GBK's and none of UTF-8's.
      if (!bytes.includes(0xff)) return decoder.decode(bytes);
    } catch {
      // Refused below.
    }
    throw new Malformed(`is not valid ${format.encoding.toUpperCase()}`);
  };

  const expiryOf = (text: string): Instant => {
    const expiresAt = text === '' ? ofLot : parseExpiry(text);
    if (expiresAt === undefined) throw new Malformed('has an expiry that is no date');
    if (expiresAt <= at) throw new Malformed('has expired already');
    return expiresAt;
  };

  const keyOf = (record: RawRecord): KeyLine => {
    if (record.fault !== undefined) throw new Malformed(FAULTS[record.fault]);
    const fields = fieldsOf(decode(record.bytes), format);
    if (fields.length < columnsNeeded) {
      throw new Malformed(`has ${fields.length} of the ${columnsNeeded} columns`);
    }
    const text = (index: number): string => (fields[index] ?? '').trim();
    const values = format.columns
      .filter(({ role }) => role === 'secret')
      .map(({ index }) => secretOf(text(index), index));
    const expiry = format.columns.find(({ role }) => role === 'expires_at');
    return {
      kind: 'key',
      line: record.line,
      values,
      normalised: values.map((value) => value.normalize('NFC')).join(UNIT_SEPARATOR),
      expiresAt: expiryOf(expiry === undefined ? '' : text(expiry.index)),
    };
  };

  return (record) => {
    try {
      return keyOf(record);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return { kind: 'malformed', line: record.line, reason: error.message };
    }
  };
}

function secretOf(value: string, index: number): string {
  if (value === '') throw new Malformed(`is empty in column ${index + 1}`);
  if (hasControlCharacter(value)) throw new Malformed(`has a control character in column ${index + 1}`);
  return value;
}

/** Tabs and line breaks may belong to a value. */
const hasControlCharacter = (value: string): boolean =>
  [...value].some((character) => {
    const code = character.codePointAt(0) ?? 0;
    return (code < 0x20 && !'\t\n\r'.includes(character)) || (code >= 0x7f && code <= 0x9f);
  });

function fieldsOf(text: string, { delimiter, quoted }: Pick<KeyFormat, 'delimiter' | 'quoted'>): string[] {
  if (quoted) return quotedFields(text, delimiter);
  return delimiter === undefined ? [text] : text.split(delimiter);
}

function quotedFields(text: string, delimiter: string | undefined): string[] {
  const fields: string[] = [];
  let from = 0;
  for (;;) {
    const quotedField = text[from] === '"' ? readQuoted(text, from + 1) : undefined;
    const afterQuote = quotedField?.end ?? from;
    const found = delimiter === undefined ? -1 : text.indexOf(delimiter, afterQuote);
    const end = found === -1 ? text.length : found;
    if (quotedField !== undefined && text.slice(afterQuote, end).trim() !== '') {
      throw new Malformed('has text after a closing quote');
    }
    fields.push(quotedField?.value ?? text.slice(from, end));
    if (found === -1) return fields;
    from = found + (delimiter?.length ?? 0);
  }
}

/** `end` is after the closing quote. Two quotes stand for one. */
function readQuoted(text: string, from: number): { value: string; end: number } {
  let value = '';
  let start = from;
  for (;;) {
    const quote = text.indexOf('"', start);
    if (quote === -1) throw new Malformed(FAULTS.unclosed_quote);
    value += text.slice(start, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    start = quote + 2;
  }
}
