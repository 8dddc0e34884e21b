import { DynamoDbPartStore } from '../../../lambdas/vault/adapters/dynamodb-part-store';
import type { PartStore } from '../../../lambdas/vault/app/import-ports';
import { MemoryPartStore } from '../../support/memory-imports';
import { createTable } from '../../support/tables';

const upload = (part: number) => ({
  part,
  byteStart: part * 10,
  byteEnd: part * 10 + 10,
  firstLine: part,
  lines: 2,
});
const run = (runId: string) => ({ runId, segments: [{ segmentId: `seg_${runId}`, size: 2 }] });
const result = {
  segments: [
    {
      segmentId: 'seg_a',
      size: 2,
      expiresAt: '2027-01-01T00:00:00.000Z',
      wrappedDataKey: Uint8Array.of(1, 2),
    },
  ],
  counts: { accepted: 2, duplicateInFile: 0, duplicateInVault: 0, malformed: 0 },
  verdictBytes: 40,
};

describe.each([
  ['in memory', async (): Promise<PartStore> => new MemoryPartStore()],
  ['on DynamoDB', async (): Promise<PartStore> => new DynamoDbPartStore(await createTable('vault'))],
])('a part store %s', (_, open) => {
  let parts: PartStore;
  let ref: { lotId: string; part: number };
  let lots = 0;
  beforeAll(async () => {
    parts = await open();
  });
  beforeEach(async () => {
    lots += 1;
    ref = { lotId: `lot_${lots}`, part: 1 };
    await parts.createAll(ref.lotId, [upload(1)]);
  });

  test('lists the parts of one lot in order', async () => {
    await parts.createAll(ref.lotId, [12, 2, 3].map(upload));
    expect((await parts.list(ref.lotId)).map(({ part }) => part)).toEqual([1, 2, 3, 12]);
    expect(await parts.find({ ...ref, part: 9 })).toBeUndefined();
  });

  test('a division that is repeated late leaves parts as they are', async () => {
    await parts.markClaimed(ref, [7]);
    await parts.createAll(ref.lotId, [upload(1)]);
    expect(await parts.find(ref)).toMatchObject({ status: 'claimed', taken: [7], byteStart: 10 });
  });

  test('a part is claimed once, and what was found then stays', async () => {
    expect(await parts.markClaimed(ref, [7])).toBe('moved');
    expect(await parts.markClaimed(ref, [])).toBe('raced');
    expect(await parts.find(ref)).toMatchObject({ status: 'claimed', taken: [7] });
  });

  test('the run that registered last alone may commit, and all runs stay known', async () => {
    await parts.markClaimed(ref, []);
    await parts.registerRun(ref, run('a'));
    await parts.registerRun(ref, run('b'));
    expect(await parts.commitRun(ref, 'a', result)).toBe('superseded');
    expect(await parts.commitRun(ref, 'b', result)).toBe('committed');
    expect(await parts.commitRun(ref, 'b', result)).toBe('committed');
    expect(await parts.commitRun(ref, 'a', result)).toBe('written_before');
    expect(await parts.find(ref)).toMatchObject({
      status: 'written',
      currentRun: 'b',
      runs: [run('a'), run('b')],
      result,
    });
  });

  test('no run registers before the part is claimed or after it is written', async () => {
    expect(await parts.registerRun(ref, run('a'))).toBe('raced');
    await parts.markClaimed(ref, []);
    await parts.registerRun(ref, run('b'));
    await parts.commitRun(ref, 'b', result);
    expect(await parts.registerRun(ref, run('c'))).toBe('raced');
  });

  test('a discarded part is claimed, registers and commits no more', async () => {
    await parts.markClaimed(ref, []);
    await parts.registerRun(ref, run('a'));
    expect(await parts.beginDiscarding(ref)).toMatchObject({ status: 'discarding', runs: [run('a')] });
    expect(await parts.commitRun(ref, 'a', result)).toBe('discarded');
    expect(await parts.registerRun(ref, run('b'))).toBe('raced');
    await parts.endDiscarding(ref);
    expect(await parts.markClaimed(ref, [])).toBe('raced');
    expect(await parts.beginDiscarding(ref)).toMatchObject({ status: 'discarded', runs: [run('a')] });
  });
});
