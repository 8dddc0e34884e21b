import { setImmediate } from 'node:timers/promises';
import { cancelImport } from '../../../lambdas/vault/app/cancel-import';
import { pasteImport } from '../../../lambdas/vault/app/paste-import';
import { anImport } from '../../support/an-import';
import { type ImportRig, importRig, Lifeline } from '../../support/import-rig';
import { type LocalKms, startLocalKms } from '../../support/local-kms';

// Many imports in a row; on a busy machine they take their time.
jest.setTimeout(120_000);

let kms: LocalKms;
beforeAll(async () => {
  kms = await startLocalKms();
});
afterAll(() => kms.close());

const FORMAT = {
  delimiter: ',',
  quoted: true,
  headerLines: 1,
  columns: [
    { index: 0, role: 'secret', label: '卡号' },
    { index: 1, role: 'secret', label: '密码' },
    { index: 2, role: 'expires_at', label: '有效期' },
  ],
} as const;
const format = { ...FORMAT, columns: [...FORMAT.columns] };

/** Three parts of at most four lines, with everything that users' files have. */
const MESSY = [
  '\ufeffcard_no,card_password,expired_at',
  'CARD-0001-AAAA,pass-one,2027-01-31',
  'CARD-0002-BBBB,pass-two,',
  '',
  'CARD-0003-CCCC,"two\nlines",2027-01-31 08:00:00',
  'CARD-0001-AAAA,pass-one,2027-01-31',
  'only one column',
  'CARD-0004-DDDD,pass-four,2027-02-30',
  '   ',
  'CARD-0005-EEEE,=SUM(A1),2020/1/1',
  'CARD-0006-FFFF,pass-six  ,2028/12/31',
  'CARD-0002-BBBB , pass-two,2029-01-01',
  '"CARD, 7",é,',
  '"CARD, 7",e\u0301,',
].join('\r\n');

const VERDICTS = [
  'line,mask,verdict,reason',
  '2,CA****AA / ****,accepted,',
  '3,CA****BB / ****,accepted,',
  '5,CA****CC / ****,accepted,',
  '7,CA****AA / ****,duplicate_in_file,is the key of line 2',
  '8,,malformed,has 1 of the 3 columns',
  '9,,malformed,has an expiry that is no date',
  '11,,malformed,has expired already',
  '12,CA****FF / ****,accepted,',
  '13,CA****BB / ****,duplicate_in_file,is the key of line 3',
  '14,**** / ****,accepted,',
  '15,**** / ****,duplicate_in_file,is the key of line 14',
  '',
].join('\n');

/** Keys of one day of expiry share its earliest time. */
const KEYS = [
  { values: 'CARD, 7 | é', expiresAt: '9999-12-31T23:59:59.999Z' },
  { values: 'CARD-0001-AAAA | pass-one', expiresAt: '2027-01-31T00:00:00.000Z' },
  { values: 'CARD-0002-BBBB | pass-two', expiresAt: '9999-12-31T23:59:59.999Z' },
  { values: 'CARD-0003-CCCC | two\nlines', expiresAt: '2027-01-31T00:00:00.000Z' },
  { values: 'CARD-0006-FFFF | pass-six', expiresAt: '2028-12-31T15:59:59.999Z' },
];

const COUNTS = {
  lines: 11,
  accepted: 5,
  duplicateInFile: 3,
  duplicateInVault: 0,
  malformed: 3,
  blank: 2,
  header: 1,
};

const CLEAN = {
  fingerprints: 0,
  slots: 0,
  segments: 0,
  poolRows: 0,
  liveRows: 0,
  secrets: 0,
  uploads: 0,
  pieces: 0,
};

const paste = (rig: ImportRig, text: string, request = anImport(format)) =>
  pasteImport(rig.ports, request, text);

const verdictsOf = (rig: ImportRig, { merchantId, lotId }: { merchantId: string; lotId: string }) =>
  rig.verdicts.files.get(`${merchantId}/${lotId}`);

/** What an undisturbed import of the messy file leaves behind. */
async function expectMessyImport(rig: ImportRig, lot: { merchantId: string; lotId: string }) {
  const { status, counts } = await rig.ports.lots.load(lot);
  expect({ status, counts }).toEqual({ status: 'active', counts: COUNTS });
  expect(verdictsOf(rig, lot)).toBe(VERDICTS);
  expect(await rig.keysOnSale()).toEqual(KEYS);
  const { segments, poolRows, liveRows, ...rest } = await rig.census();
  expect(poolRows).toBe(segments);
  expect(liveRows).toBe(segments);
  expect(rest).toEqual({ fingerprints: 5, slots: 5, secrets: 5, notes: 0, uploads: 0, pieces: 0 });
}

test('every line of a messy file gets its verdict, and each key is in the vault once', async () => {
  const rig = await importRig(kms);
  const lot = await paste(rig, MESSY);
  await rig.drain();
  await expectMessyImport(rig, lot);
});

test('whatever the order of the parts, the first line of equal ones wins', async () => {
  const rig = await importRig(kms);
  const lot = await paste(rig, MESSY);
  while (rig.messages.length > 0) {
    const task = rig.messages.pop();
    if (task !== undefined) await rig.deliver(task);
  }
  await expectMessyImport(rig, lot);
});

test('a message that is delivered twice at the same time leaves one published set of rows', async () => {
  const rig = await importRig(kms);
  const other = rig.boot();
  const lot = await paste(rig, MESSY);
  for (let task = rig.messages.shift(); task !== undefined; task = rig.messages.shift()) {
    await Promise.all([rig.deliver(task), rig.deliver(task, other)]);
  }
  await expectMessyImport(rig, lot);
});

test('all messages of an import may be delivered again after it has ended', async () => {
  const rig = await importRig(kms);
  const lot = await paste(rig, MESSY);
  const seen = [...rig.messages];
  for (let task = rig.messages.shift(); task !== undefined; task = rig.messages.shift()) {
    await rig.deliver(task);
    seen.push(...rig.messages.filter((message) => !seen.includes(message)));
  }
  expect(new Set(seen.map(({ step }) => step))).toEqual(new Set(['split', 'claim', 'write']));
  for (const task of seen) await rig.deliver(task);
  await rig.drain();
  await expectMessyImport(rig, lot);
});

test('an import that is cut off after any of its writes and delivered again ends as if it had not been', async () => {
  const undisturbed = await importRig(kms);
  const counted = new Lifeline();
  await paste(undisturbed, MESSY);
  await undisturbed.drain(undisturbed.boot(counted));

  for (let lastWrite = 1; lastWrite < counted.writes; lastWrite += 1) {
    const rig = await importRig(kms);
    const lot = await paste(rig, MESSY);
    const mortal = rig.boot(new Lifeline(lastWrite));
    let alive = true;
    while (alive && rig.messages.length > 0) {
      const task = rig.messages.shift();
      if (task !== undefined) alive = await rig.deliver(task, mortal);
    }
    await rig.drain();
    await expectMessyImport(rig, lot);
  }
});

test('an import that is cut off after any of its writes and cancelled leaves nothing behind', async () => {
  let cancelled = 0;
  for (let lastWrite = 1; ; lastWrite += 3) {
    const rig = await importRig(kms);
    const lot = await paste(rig, MESSY);
    const mortal = rig.boot(new Lifeline(lastWrite));
    let alive = true;
    while (alive && rig.messages.length > 0) {
      const task = rig.messages.shift();
      if (task !== undefined) alive = await rig.deliver(task, mortal);
    }
    const { status } = await rig.ports.lots.load(lot);
    if (status === 'publishing' || status === 'active') break;
    await cancelImport(rig.ports, lot);
    await rig.drain();
    expect(await rig.ports.lots.load(lot)).toMatchObject({ status: 'cancelled' });
    expect(await rig.census()).toMatchObject(CLEAN);
    cancelled += 1;
  }
  expect(cancelled).toBeGreaterThan(10);
});

test('a cancellation that is itself cut off after any of its writes leaves nothing behind once delivered again', async () => {
  const upToWriting = async () => {
    const rig = await importRig(kms);
    const lot = await paste(rig, MESSY);
    while (rig.messages.filter(({ step }) => step === 'write').length !== 2) {
      const task = rig.messages.shift();
      if (task !== undefined) await rig.deliver(task);
    }
    await cancelImport(rig.ports, lot);
    return { rig, lot };
  };
  const counted = new Lifeline();
  const { rig: undisturbed } = await upToWriting();
  await undisturbed.drain(undisturbed.boot(counted));

  for (let lastWrite = 1; lastWrite < counted.writes; lastWrite += 2) {
    const { rig, lot } = await upToWriting();
    const mortal = rig.boot(new Lifeline(lastWrite));
    let alive = true;
    while (alive && rig.messages.length > 0) {
      const task = rig.messages.shift();
      if (task !== undefined) alive = await rig.deliver(task, mortal);
    }
    await rig.drain();
    expect(await rig.ports.lots.load(lot)).toMatchObject({ status: 'cancelled' });
    expect(await rig.census()).toMatchObject(CLEAN);
  }
});

/** Deterministic numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

test.each([1, 2, 3, 5])(
  'under twin deliveries, crashes and a cancellation no key comes into the vault twice, and none is lost (seed %i)',
  async (seed) => {
    const random = randomFrom(seed);
    const rig = await importRig(kms);
    const keys = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `SHARED-KEY-${from + i}`);
    const shuffled = (items: string[]) =>
      items
        .map((item) => ({ item, order: random() }))
        .sort((a, b) => a.order - b.order)
        .map(({ item }) => item);
    const lots = [
      await paste(rig, shuffled([...keys(0, 14), ...keys(0, 6)]).join('\n'), anImport()),
      await paste(rig, shuffled([...keys(7, 20), ...keys(10, 16)]).join('\n'), anImport()),
    ];
    const cancelAfter = Math.floor(random() * 25);

    let taken = 0;
    let working = 0;
    const worker = async () => {
      while (rig.messages.length > 0 || working > 0) {
        const [task] = rig.messages.splice(Math.floor(random() * rig.messages.length), 1);
        if (task === undefined) {
          await setImmediate();
          continue;
        }
        taken += 1;
        working += 1;
        if (taken === cancelAfter && lots[0]) await cancelImport(rig.ports, lots[0]).catch(() => undefined);
        const fate = () =>
          new Lifeline(taken < 150 && random() < 0.3 ? 1 + Math.floor(random() * 12) : undefined);
        const deliveries = Array.from({ length: random() < 0.3 ? 2 : 1 }, () =>
          rig.deliver(task, rig.boot(fate())),
        );
        await Promise.all(deliveries);
        working -= 1;
      }
    };
    await Promise.all([worker(), worker(), worker()]);

    const [first, second] = await Promise.all(lots.map((lot) => rig.ports.lots.load(lot)));
    expect(second?.status).toBe('active');
    expect(['active', 'cancelled']).toContain(first?.status);
    const values = (await rig.keysOnSale()).map((key) => key.values);
    expect(new Set(values).size).toBe(values.length);
    const accepted = (first?.counts?.accepted ?? 0) + (second?.counts?.accepted ?? 0);
    expect(values).toHaveLength(accepted);
    if (first?.status === 'active') expect(accepted).toBe(20);
    for (const counts of [first?.counts, second?.counts].filter((one) => one !== undefined)) {
      const { lines, duplicateInFile, duplicateInVault, malformed } = counts;
      expect(counts.accepted + duplicateInFile + duplicateInVault + malformed).toBe(lines);
    }
    const { slots, secrets, uploads, pieces } = await rig.census();
    expect({ slots, secrets, uploads, pieces }).toEqual({
      slots: accepted,
      secrets: accepted,
      uploads: 0,
      pieces: 0,
    });
  },
);

test('a key of an earlier import is a duplicate for its own merchant and none for another', async () => {
  const rig = await importRig(kms);
  await paste(rig, 'KEY-ONE\nKEY-TWO', anImport());
  await rig.drain();
  const again = await paste(rig, 'KEY-THREE\n KEY-ONE \nkey-two', anImport());
  const elsewhere = await paste(rig, 'KEY-ONE', anImport({}, 'mer_0000000002'));
  await rig.drain();
  expect(verdictsOf(rig, again)).toBe(
    'line,mask,verdict,reason\n1,****,accepted,\n2,****,duplicate_in_vault,was imported before\n3,****,accepted,\n',
  );
  expect((await rig.ports.lots.load(elsewhere)).counts).toMatchObject({ accepted: 1 });
});

test('a cancelled import gives its keys back: the same file can be imported afterwards', async () => {
  const rig = await importRig(kms);
  const first = await paste(rig, MESSY);
  while (!rig.messages.some(({ step }) => step === 'write')) {
    const task = rig.messages.shift();
    if (task !== undefined) await rig.deliver(task);
  }
  await cancelImport(rig.ports, first);
  await rig.drain();
  const second = await paste(rig, MESSY);
  await rig.drain();
  expect(await rig.ports.lots.load(first)).toMatchObject({ status: 'cancelled' });
  expect(verdictsOf(rig, second)).toBe(VERDICTS);
});

test('a file of too many lines fails with a clear reason before any of its keys is claimed', async () => {
  const rig = await importRig(kms);
  const lot = await paste(rig, 'KEY\n'.repeat(201), anImport());
  await rig.drain();
  expect(await rig.ports.lots.load(lot)).toMatchObject({
    status: 'failed',
    failure: 'The file has more than 200 lines. Cut it into smaller files and import each.',
  });
  expect(await rig.census()).toMatchObject(CLEAN);
});

test('an Excel workbook fails with a clear reason', async () => {
  const rig = await importRig(kms);
  const lot = await paste(rig, 'PK\u0003\u0004 and so on', anImport());
  await rig.drain();
  expect(await rig.ports.lots.load(lot)).toMatchObject({
    status: 'failed',
    failure: expect.stringContaining('Excel'),
  });
});

test('an import whose upload is lost on the way fails and frees what it had claimed', async () => {
  const rig = await importRig(kms);
  const lot = await paste(rig, MESSY);
  while (!rig.messages.some(({ step }) => step === 'write')) {
    const task = rig.messages.shift();
    if (task !== undefined) await rig.deliver(task);
  }
  rig.uploads.files.clear();
  await rig.drain();
  expect(await rig.ports.lots.load(lot)).toMatchObject({
    status: 'failed',
    failure: expect.stringContaining('Upload it again'),
  });
  expect(await rig.census()).toMatchObject(CLEAN);
});

test('a file without a single key becomes an active lot that has nothing to sell', async () => {
  const rig = await importRig(kms);
  const lot = await paste(rig, '\n \n', anImport());
  await rig.drain();
  expect(await rig.ports.lots.load(lot)).toMatchObject({
    status: 'active',
    counts: { lines: 0, accepted: 0, blank: 2 },
  });
  expect(await rig.keysOnSale()).toEqual([]);
  expect(verdictsOf(rig, lot)).toBe('line,mask,verdict,reason\n');
});

test('no plaintext of a key lies in the vault, the queue, the verdicts or the secrets', async () => {
  const rig = await importRig(kms);
  const sent: string[] = [];
  const lot = await paste(rig, 'CANARY-1234567890-PLAIN\nCANARY-1234567890-PLAIN', anImport());
  for (let task = rig.messages.shift(); task !== undefined; task = rig.messages.shift()) {
    sent.push(JSON.stringify(task));
    await rig.deliver(task);
  }
  const everything = [...sent, JSON.stringify(await rig.scan()), verdictsOf(rig, lot)].join('\n');
  expect(everything).toContain('accepted');
  expect(everything).not.toContain('1234567890');
  expect(await rig.keysOnSale()).toEqual([expect.objectContaining({ values: 'CANARY-1234567890-PLAIN' })]);
});
