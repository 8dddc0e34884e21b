import { type KeyFormat, keyFormat } from '../../../lambdas/contract/imports';
import { keyReader } from '../../../lambdas/vault/domain/read-key';
import { RecordSplitter } from '../../../lambdas/vault/domain/record-splitter';

const at = '2026-06-01T00:00:00.000Z';
type Choice = Partial<Omit<KeyFormat, 'columns'>> & { columns?: (number | 'x')[] };

function read(text: string | Uint8Array, { columns, ...choice }: Choice = {}, expiresAt?: string) {
  const format = keyFormat.parse({
    ...choice,
    ...(columns && {
      columns: columns.flatMap((role, i) =>
        role === 'x'
          ? [{ index: i, role: 'expires_at', label: '有效期' }]
          : [{ index: role, role: 'secret', label: '卡密' }],
      ),
    }),
  });
  const splitter = new RecordSplitter(format);
  const line = keyReader(format, { at, expiresAt });
  const records = [...splitter.push(Buffer.from(text)), ...splitter.end()];
  return records.map(line).map((one) => (one.kind === 'key' ? one.values : one.reason));
}

const expiryOf = (text: string, timeZone = 'Asia/Shanghai', ofLot?: string) => {
  const format = keyFormat.parse({
    delimiter: ',',
    timeZone,
    columns: [
      { index: 0, label: '卡密' },
      { index: 1, role: 'expires_at', label: '有效期' },
    ],
  });
  const record = { line: 1, start: 0, end: 1, bytes: Buffer.from(`K,${text}`) };
  const line = keyReader(format, { at, expiresAt: ofLot })(record);
  return line.kind === 'key' ? line.expiresAt : line.reason;
};

describe('the files of the trade', () => {
  test.each<[string, string, Choice, unknown[]]>([
    [
      'one key a line, with CRLF, blank lines and blanks at the ends',
      'A-1\r\n\r\n  B-2 \r\nC-3',
      {},
      [['A-1'], ['B-2'], ['C-3']],
    ],
    [
      '账号----密码----邮箱',
      'me----p-w----a@b.c\n',
      { delimiter: '----', columns: [0, 1, 2] },
      [['me', 'p-w', 'a@b.c']],
    ],
    ['卡密║预选║加价║成本', 'KEY║8║1.00║0.50', { delimiter: '║' }, [['KEY']]],
    ['CSV with a header', 'secret\nA,1\n', { headerLines: 1 }, [['A,1']]],
    [
      'card_no,card_password,expired_at',
      'no,pw,2027-01-01',
      { delimiter: ',', columns: [0, 1, 'x'] },
      [['no', 'pw']],
    ],
    ['card and password by a blank', '1234 5678', { delimiter: ' ', columns: [0, 1] }, [['1234', '5678']]],
    ['card and password by a tab', '1234\t5678', { delimiter: '\t', columns: [0, 1] }, [['1234', '5678']]],
    ['redeem links', 'https://r.example/?code=A,B|C----D', {}, [['https://r.example/?code=A,B|C----D']]],
    ['columns in the order of the format', 'a,b,c', { delimiter: ',', columns: [2, 0] }, [['c', 'a']]],
    [
      'quoted fields with delimiters, quotes and line breaks',
      '"a,""b""\nc",d\n',
      { delimiter: ',', quoted: true, columns: [0, 1] },
      [['a,"b"\nc', 'd']],
    ],
    [
      'quotes in the middle of a field',
      '5" disk,K',
      { delimiter: ',', quoted: true, columns: [0, 1] },
      [['5" disk', 'K']],
    ],
    ['non-ASCII keys', '密钥-é-😀', {}, [['密钥-é-😀']]],
  ])('%s', (_, text, choice, keys) => {
    expect(read(text, choice)).toEqual(keys);
  });

  test('GBK', () => {
    const text = Buffer.concat([
      Buffer.from('K1,'),
      Buffer.of(0xbf, 0xa8, 0xc3, 0xdc),
      Buffer.from('\nK2,x'),
    ]);
    expect(read(text, { encoding: 'gbk', delimiter: ',', columns: [0, 1] })).toEqual([
      ['K1', '卡密'],
      ['K2', 'x'],
    ]);
  });
});

describe('a line that is no key says why, without quoting it', () => {
  test.each<[string | Uint8Array, Choice, string]>([
    [Buffer.of(0x41, 0xff), {}, 'is not valid UTF-8'],
    [Buffer.of(0x41, 0xff), { encoding: 'gbk' }, 'is not valid GBK'],
    ['a', { delimiter: ',', columns: [0, 1] }, 'has 1 of the 2 columns'],
    ['a,', { delimiter: ',', columns: [0, 1] }, 'is empty in column 2'],
    ['a\0b', {}, 'has a control character in column 1'],
    ['"a"b', { quoted: true }, 'has text after a closing quote'],
    [
      '"a',
      { quoted: true },
      'opens a quote that is never closed; all that follows it was read as part of it',
    ],
    ['x'.repeat(9000), {}, 'is longer than 8192 bytes'],
  ])('%p', (text, choice, reason) => {
    expect(read(text, choice)).toEqual([reason]);
  });
});

test('keys that look the same compare equal, values stay as they were given, case counts', () => {
  const line = keyReader(keyFormat.parse({}), { at });
  const lineOf = (text: string) => {
    const found = line({ line: 1, start: 0, end: 1, bytes: Buffer.from(text) });
    if (found.kind !== 'key') throw new Error(found.reason);
    return found;
  };
  expect(lineOf(' e\u0301 ').normalised).toBe(lineOf('é').normalised);
  expect(lineOf(' e\u0301 ').values).toEqual(['e\u0301']);
  expect(lineOf('a').normalised).not.toBe(lineOf('A').normalised);
});

test('no two different keys of several columns compare equal', () => {
  const line = keyReader(
    keyFormat.parse({
      delimiter: ',',
      columns: [
        { index: 0, label: 'a' },
        { index: 1, label: 'b' },
      ],
    }),
    { at },
  );
  const normalised = (text: string) => {
    const found = line({ line: 1, start: 0, end: 1, bytes: Buffer.from(text) });
    return found.kind === 'key' ? found.normalised : found.reason;
  };
  expect(normalised('a b,c')).not.toBe(normalised('a,b c'));
});

describe('an expiry', () => {
  test.each([
    ['2026-12-31', '2026-12-31T15:59:59.999Z'],
    ['2026/12/31', '2026-12-31T15:59:59.999Z'],
    ['2026/6/9', '2026-06-09T15:59:59.999Z'],
    ['2026-12-31 23:59:59', '2026-12-31T15:59:59.000Z'],
    ['2026-12-31T08:30', '2026-12-31T00:30:00.000Z'],
    ['2026-12-31T08:30:00Z', '2026-12-31T08:30:00.000Z'],
    ['2026-12-31T08:30:00.5+02:00', '2026-12-31T06:30:00.500Z'],
    ['', '9999-12-31T23:59:59.999Z'],
    ['2026-02-30', 'has an expiry that is no date'],
    ['31.12.2026', 'has an expiry that is no date'],
    ['2026-12-31 24:00:00', 'has an expiry that is no date'],
    ['2026-06-01 08:00:00', 'has expired already'],
    ['2020-01-01', 'has expired already'],
  ])('%p in Shanghai is %s', (text, expected) => {
    expect(expiryOf(text)).toBe(expected);
  });

  test('a day ends in its own zone, also when the clocks change on it', () => {
    expect(expiryOf('2026-11-01', 'America/New_York')).toBe('2026-11-02T04:59:59.999Z');
    expect(expiryOf('2027-03-14', 'America/New_York')).toBe('2027-03-15T03:59:59.999Z');
    expect(expiryOf('2026-11-01 00:30:00', 'America/New_York')).toBe('2026-11-01T04:30:00.000Z');
  });

  test('a line that names none has the lot’s', () => {
    expect(expiryOf('', 'UTC', '2027-05-05T00:00:00.000Z')).toBe('2027-05-05T00:00:00.000Z');
    expect(expiryOf('2026-12-31', 'UTC', '2027-05-05T00:00:00.000Z')).toBe('2026-12-31T23:59:59.999Z');
  });
});
