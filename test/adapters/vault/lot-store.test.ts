import { keyFormat, type LotStatus, lotStatus } from '../../../lambdas/contract/imports';
import { DynamoDbLotStore } from '../../../lambdas/vault/adapters/dynamodb-lot-store';
import type { LotStore, Transition } from '../../../lambdas/vault/app/import-ports';
import { type Lot, type LotRef, lotTransitions } from '../../../lambdas/vault/domain/lot';
import { MemoryLotStore } from '../../support/memory-imports';
import { createTable } from '../../support/tables';

const at = '2026-01-31T08:00:00.000Z';
const size = { parts: 1, lines: 3, blank: 1, header: 0 };
const counts = {
  lines: 3,
  accepted: 3,
  duplicateInFile: 0,
  duplicateInVault: 0,
  malformed: 0,
  blank: 1,
  header: 0,
};

const aLot = (number: number, change: Partial<Lot> = {}): Lot => ({
  merchantId: 'mer_1',
  lotId: `lot_000000000${number}`,
  productId: 'prd_1',
  skuId: 'sku_1',
  status: 'awaiting_upload',
  format: keyFormat.parse({ delimiter: ',', columns: [{ index: 1, label: '密码' }] }),
  fileName: 'keys.csv',
  supplier: '供货商',
  unitCostCents: 120,
  expiresAt: '2027-01-01T00:00:00.000Z',
  createdBy: 'owner@example.com',
  createdAt: at,
  ...change,
});

/** Each transition and the status that it leads to. */
const transitions: readonly (readonly [LotStatus, (lots: LotStore, ref: LotRef) => Promise<Transition>])[] = [
  ['splitting', (lots, ref) => lots.start(ref, at)],
  ['claiming', (lots, ref) => lots.beginClaiming(ref, size)],
  ['writing', (lots, ref) => lots.beginWriting(ref)],
  ['publishing', (lots, ref) => lots.beginPublishing(ref)],
  ['active', (lots, ref) => lots.activate(ref, counts, at)],
  ['cancelling', (lots, ref) => lots.beginDiscarding(ref)],
  ['cancelled', (lots, ref) => lots.endDiscarding(ref, 'cancelled', at)],
];

describe.each([
  ['in memory', async (): Promise<LotStore> => new MemoryLotStore()],
  ['on DynamoDB', async (): Promise<LotStore> => new DynamoDbLotStore(await createTable('vault'))],
])('a lot store %s', (_, open) => {
  let lots: LotStore;
  beforeAll(async () => {
    lots = await open();
  });

  test('gives a lot back as it was created, to its own merchant alone', async () => {
    const lot = aLot(1, { merchantId: 'mer_own' });
    await lots.create(lot);
    expect(await lots.load(lot)).toEqual(lot);
    expect(await lots.find({ ...lot, merchantId: 'mer_2' })).toBeUndefined();
    await expect(lots.load({ ...lot, merchantId: 'mer_2' })).rejects.toMatchObject({
      code: 'vault.import_not_found',
    });
    expect(await lots.start({ ...lot, merchantId: 'mer_2' }, at)).toBe('raced');
  });

  test('makes a transition from the statuses of the table alone, and from each of them', async () => {
    for (const from of lotStatus.options) {
      for (const [to, move] of transitions) {
        const lot = aLot(2, { merchantId: `mer_${from}_${to}`, status: from });
        await lots.create(lot);
        const allowed = lotTransitions[from].includes(to);
        expect([from, to, await move(lots, lot)]).toEqual([from, to, allowed ? 'moved' : 'raced']);
        expect((await lots.load(lot)).status).toBe(allowed ? to : from);
      }
    }
  });

  test('keeps what each transition brings', async () => {
    const lot = aLot(3);
    await lots.create(lot);
    await lots.start(lot, at);
    await lots.beginClaiming(lot, size);
    await lots.beginWriting(lot);
    await lots.beginPublishing(lot);
    await lots.activate(lot, counts, '2026-01-31T09:00:00.000Z');
    expect(await lots.load(lot)).toEqual({
      ...lot,
      status: 'active',
      startedAt: at,
      size,
      counts,
      finishedAt: '2026-01-31T09:00:00.000Z',
    });
  });

  test('refuses a divided upload with its reason, and discards with one or without', async () => {
    const refused = aLot(4, { status: 'splitting' });
    await lots.create(refused);
    expect(await lots.refuse(refused, 'too long', at)).toBe('moved');
    expect(await lots.refuse(refused, 'again', at)).toBe('raced');
    expect(await lots.load(refused)).toMatchObject({ status: 'failed', failure: 'too long' });
    const failing = aLot(5, { status: 'writing' });
    await lots.create(failing);
    await lots.beginDiscarding(failing, 'lost');
    await lots.endDiscarding(failing, 'failed', at);
    expect(await lots.load(failing)).toMatchObject({ status: 'failed', failure: 'lost', finishedAt: at });
  });

  test('lists the lots of one merchant newest first, page by page', async () => {
    const own = [1, 2, 3].map((number) => aLot(number, { merchantId: 'mer_list' }));
    for (const lot of [...own, aLot(9, { merchantId: 'mer_listed' })]) await lots.create(lot);
    const first = await lots.list('mer_list', { limit: 2 });
    expect(first.items.map(({ lotId }) => lotId)).toEqual([own[2]?.lotId, own[1]?.lotId]);
    const second = await lots.list('mer_list', { limit: 2, cursor: first.nextCursor });
    expect(second.items.map(({ lotId }) => lotId)).toEqual([own[0]?.lotId]);
    expect(second.nextCursor).toBeUndefined();
  });

  test('opens nothing but its own list to a cursor of another merchant’s', async () => {
    for (const merchantId of ['mer_one', 'mer_two']) {
      for (const number of [1, 2]) await lots.create(aLot(number, { merchantId }));
    }
    const { nextCursor } = await lots.list('mer_two', { limit: 1 });
    const { items } = await lots.list('mer_one', { limit: 5, cursor: nextCursor });
    expect(items).toMatchObject([{ merchantId: 'mer_one', lotId: aLot(1).lotId }]);
  });

  test('refuses a cursor that is none', async () => {
    await expect(lots.list('mer_list', { limit: 1, cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'request.invalid',
    });
  });
});
