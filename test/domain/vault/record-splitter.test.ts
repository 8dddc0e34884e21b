import fc from 'fast-check';
import { MAX_RECORD_BYTES, RecordSplitter } from '../../../lambdas/vault/domain/record-splitter';

type Format = ConstructorParameters<typeof RecordSplitter>[0];

const plain: Format = { encoding: 'utf-8', quoted: false, headerLines: 0 };
const csv: Format = { ...plain, delimiter: ',', quoted: true };

function split(format: Format, chunks: readonly Uint8Array[], from?: { byte: number; line: number }) {
  const splitter = new RecordSplitter(format, from);
  const records = [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()].map(
    ({ bytes, ...record }) => ({ ...record, text: Buffer.from(bytes).toString('latin1') }),
  );
  return { records, blank: splitter.blank, header: splitter.header };
}

const texts = (format: Format, bytes: Uint8Array): string[] =>
  split(format, [bytes]).records.map(({ text, fault }) => fault ?? text);

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, i) => bytes.slice(edges[i], end));
}

/** Bytes of which splitting depends, more often than others. */
const trickyBytes = fc
  .array(
    fc.constantFrom(0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x2d, 0x41, 0x7c, 0x81, 0xa8, 0xef, 0xbb, 0xbf, 0xff),
    { maxLength: 60 },
  )
  .map((bytes) => Uint8Array.from(bytes));
const formats = fc.record({
  encoding: fc.constantFrom('utf-8' as const, 'gbk' as const),
  quoted: fc.boolean(),
  delimiter: fc.constantFrom(undefined, ',', '----', '--', '║', '|'),
  headerLines: fc.integer({ min: 0, max: 2 }),
});

test('any bytes give the same records however they are cut into chunks', () => {
  fc.assert(
    fc.property(trickyBytes, formats, fc.array(fc.nat(60)), (bytes, format, places) => {
      expect(split(format, cut(bytes, places))).toEqual(split(format, [bytes]));
    }),
    { numRuns: 2000 },
  );
});

test('records follow one another without a gap but for blank and header lines, and lines are counted by line feeds', () => {
  fc.assert(
    fc.property(trickyBytes, formats, (bytes, format) => {
      let end = 0;
      for (const record of split(format, [bytes]).records) {
        expect(record.start).toBeGreaterThanOrEqual(end);
        expect(record.end).toBeGreaterThan(record.start);
        expect(record.line).toBe(bytes.slice(0, record.start).filter((byte) => byte === 0x0a).length + 1);
        end = record.end;
      }
      expect(end).toBeLessThanOrEqual(bytes.length);
    }),
  );
});

test('a part of the bytes that begins and ends with a record gives the records that the whole gives there', () => {
  fc.assert(
    fc.property(trickyBytes, formats, fc.nat(20), fc.nat(20), (bytes, format, a, b) => {
      const { records } = split(format, [bytes]);
      const wanted = records.slice(Math.min(a, b), Math.max(a, b) + 1);
      const [first] = wanted;
      const last = wanted.at(-1);
      if (first === undefined || last === undefined) return;
      const range = bytes.slice(first.start, last.end);
      const from = { byte: first.start, line: first.line };
      expect(split({ ...format, headerLines: 0 }, [range], from).records).toEqual(wanted);
    }),
    { numRuns: 1000 },
  );
});

test('blank and header lines are counted apart; header lines may be blank', () => {
  const bytes = Buffer.from('title\n\nA\n \t\r\nB\n\n');
  expect(split({ ...plain, headerLines: 2 }, [bytes])).toMatchObject({
    records: [
      { line: 3, text: 'A' },
      { line: 5, text: 'B' },
    ],
    blank: 2,
    header: 2,
  });
});

test('a byte order mark belongs to no record, and one that is cut off does', () => {
  expect(texts(plain, Buffer.from('\ufeffA\nB'))).toEqual(['A', 'B']);
  expect(texts(csv, Buffer.from('\ufeff"A\nB"'))).toEqual(['"A\nB"']);
  expect(texts(plain, Uint8Array.of(0xef, 0xbb))).toEqual(['\xef\xbb']);
});

test('a line break in quotes belongs to the record; without quoting it ends it', () => {
  const bytes = Buffer.from('1,"two\nlines"\n2,x');
  expect(texts(csv, bytes)).toEqual(['1,"two\nlines"', '2,x']);
  expect(texts({ ...csv, quoted: false }, bytes)).toEqual(['1,"two', 'lines"', '2,x']);
});

test('a quote in the middle of a field swallows no lines', () => {
  expect(texts(csv, Buffer.from('5" disk,K1\n7" disk,K2'))).toEqual(['5" disk,K1', '7" disk,K2']);
  expect(texts({ ...csv, delimiter: '----' }, Buffer.from('a-----"b\nc'))).toEqual(['a-----"b', 'c']);
});

test('a quote after a delimiter of several characters, GBK ones too, opens a field', () => {
  const box = Buffer.of(0xa8, 0x55);
  const gbk: Format = { ...csv, encoding: 'gbk', delimiter: '║' };
  const bytes = Buffer.concat([Buffer.from('a'), box, Buffer.from('"b\nc"\nd')]);
  expect(new TextDecoder('gbk').decode(box)).toBe('║');
  expect(texts(gbk, bytes)).toHaveLength(2);
  expect(texts({ ...csv, delimiter: '----' }, Buffer.from('a----"b\nc"\nd'))).toHaveLength(2);
});

test('the second byte of a GBK character is never taken for a delimiter', () => {
  // 0x81 0x7c is one character, although 0x7c alone is the delimiter.
  const bytes = Buffer.of(0x81, 0x7c, 0x22, 0x0a, 0x42);
  expect(texts({ ...csv, encoding: 'gbk', delimiter: '|' }, bytes)).toHaveLength(2);
});

test('a line that is too long is reported as such, and so is a quote that is never closed', () => {
  const long = 'x'.repeat(MAX_RECORD_BYTES + 1);
  expect(texts(plain, Buffer.from(`A\n${long}\nB`))).toEqual(['A', 'too_long', 'B']);
  expect(texts(plain, Buffer.from(`${'x'.repeat(MAX_RECORD_BYTES)}\nB`))).toHaveLength(2);
  expect(texts(csv, Buffer.from('A\n"B\nC\n'))).toEqual(['A', 'unclosed_quote']);
});
