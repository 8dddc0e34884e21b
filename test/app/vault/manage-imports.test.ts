import { cancelImport } from '../../../lambdas/vault/app/cancel-import';
import { createImport } from '../../../lambdas/vault/app/create-import';
import type { ImportTask } from '../../../lambdas/vault/app/import-ports';
import { linkVerdicts } from '../../../lambdas/vault/app/link-verdicts';
import { listImports } from '../../../lambdas/vault/app/list-imports';
import { loadImport } from '../../../lambdas/vault/app/load-import';
import { pasteImport } from '../../../lambdas/vault/app/paste-import';
import { startImport } from '../../../lambdas/vault/app/start-import';
import type { Lot } from '../../../lambdas/vault/domain/lot';
import { anImport } from '../../support/an-import';
import { countingIds } from '../../support/counting-ids';
import { MemoryUploads, MemoryVerdicts } from '../../support/memory-files';
import { MemoryLotStore, MemoryPartStore } from '../../support/memory-imports';
import { settableClock } from '../../support/settable-clock';

function stage() {
  const sent: ImportTask[] = [];
  return {
    sent,
    lots: new MemoryLotStore(),
    parts: new MemoryPartStore(),
    uploads: new MemoryUploads(),
    verdicts: new MemoryVerdicts(),
    queue: { send: async (tasks: readonly ImportTask[]) => void sent.push(...tasks) },
    skus: {
      hasSku: async (merchantId: string, productId: string, skuId: string) => {
        if (merchantId !== 'mer_0000000001' || productId !== 'prd_0000000001') return 'no_product' as const;
        return skuId === 'sku_0000000001' ? ('yes' as const) : ('no_sku' as const);
      },
    },
    newId: countingIds(),
    clock: settableClock().clock,
  };
}

const code = (expected: string) => expect.objectContaining({ code: expected });
const stranger = (lot: Pick<Lot, 'lotId'>) => ({ merchantId: 'mer_0000000002', lotId: lot.lotId });

async function inStatus(ports: ReturnType<typeof stage>, status: Lot['status']) {
  const created = (await createImport(ports, anImport())).import;
  const { progress: _, ...lot } = { ...created, status };
  await ports.lots.create(lot);
  return lot;
}

test('an import waits for its upload and starts when that is there', async () => {
  const ports = stage();
  const { import: created, upload } = await createImport(ports, { ...anImport(), fileName: 'keys.csv' });
  expect(created).toMatchObject({
    status: 'awaiting_upload',
    fileName: 'keys.csv',
    progress: { done: 0, total: 0 },
  });
  expect(upload.fields).toBeDefined();
  await expect(startImport(ports, created)).rejects.toEqual(code('vault.upload_missing'));
  expect(ports.sent).toEqual([]);
  await ports.uploads.put(created, 'KEY');
  expect(await startImport(ports, created)).toMatchObject({ status: 'splitting' });
  expect(ports.sent).toEqual([{ step: 'split', merchantId: created.merchantId, lotId: created.lotId }]);
});

test('a start whose message was lost can be called again until the import is on its way', async () => {
  const ports = stage();
  const lot = await inStatus(ports, 'splitting');
  await startImport(ports, lot);
  expect(ports.sent).toHaveLength(1);
  const running = await inStatus(ports, 'claiming');
  await expect(startImport(ports, running)).rejects.toEqual(code('vault.import_started'));
});

test('pasted text is UTF-8, whatever the format says, and starts at once', async () => {
  const ports = stage();
  const lot = await pasteImport(ports, anImport({ encoding: 'gbk' }), '卡密');
  expect(lot).toMatchObject({ status: 'splitting', format: { encoding: 'utf-8' } });
  expect(ports.uploads.files.get(`${lot.merchantId}/${lot.lotId}`)?.toString()).toBe('卡密');
  expect(ports.sent).toHaveLength(1);
});

test('keys are imported for SKUs of the merchant’s own products alone', async () => {
  const ports = stage();
  const request = anImport();
  const attempts = [
    [{ ...request, productId: 'prd_0000000009' }, 'catalog.product_not_found'],
    [{ ...request, merchantId: 'mer_0000000002' }, 'catalog.product_not_found'],
    [{ ...request, skuId: 'sku_0000000009' }, 'catalog.sku_not_found'],
  ] as const;
  for (const [attempt, problem] of attempts) {
    await expect(createImport(ports, attempt)).rejects.toEqual(code(problem));
    await expect(pasteImport(ports, attempt, 'KEY')).rejects.toEqual(code(problem));
  }
  expect(ports.lots.lots.size).toBe(0);
  expect(ports.uploads.files.size).toBe(0);
});

test('keys that would all have expired are refused', async () => {
  const ports = stage();
  const request = { ...anImport(), expiresAt: '2020-01-01T00:00:00.000Z' };
  await expect(createImport(ports, request)).rejects.toEqual(code('request.invalid'));
});

test.each(['awaiting_upload', 'splitting', 'claiming', 'writing', 'cancelling'] as const)(
  'an import in status %s can be cancelled',
  async (status) => {
    const ports = stage();
    const lot = await inStatus(ports, status);
    expect(await cancelImport(ports, lot)).toMatchObject({ status: 'cancelling' });
    expect(ports.sent).toEqual([{ step: 'advance', merchantId: lot.merchantId, lotId: lot.lotId }]);
  },
);

test.each(['publishing', 'active', 'failed', 'cancelled'] as const)(
  'an import in status %s can no longer be cancelled',
  async (status) => {
    const ports = stage();
    const lot = await inStatus(ports, status);
    await expect(cancelImport(ports, lot)).rejects.toEqual(code('vault.import_finished'));
    expect((await ports.lots.load(lot)).status).toBe(status);
  },
);

test('progress tells the lines of the running phase that are worked through', async () => {
  const ports = stage();
  const lot = await inStatus(ports, 'claiming');
  const part = (number: number, lines: number) => ({
    part: number,
    byteStart: 0,
    byteEnd: 1,
    firstLine: 1,
    lines,
  });
  await ports.parts.createAll(lot.lotId, [part(1, 1000), part(2, 500)]);
  await ports.lots.create({ ...lot, size: { parts: 2, lines: 1500, blank: 0, header: 0 } });
  await ports.parts.markClaimed({ lotId: lot.lotId, part: 1 }, []);
  expect((await loadImport(ports, lot)).progress).toEqual({ done: 1000, total: 1500 });
  await ports.parts.markClaimed({ lotId: lot.lotId, part: 2 }, []);
  await ports.lots.beginWriting(lot);
  expect((await loadImport(ports, lot)).progress).toEqual({ done: 0, total: 1500 });
});

test('verdicts have a link once the lot is active, not before', async () => {
  const ports = stage();
  await expect(linkVerdicts(ports, await inStatus(ports, 'publishing'))).rejects.toEqual(
    code('vault.verdicts_not_ready'),
  );
  const { url } = await linkVerdicts(ports, await inStatus(ports, 'active'));
  expect(url).toContain('lot_');
});

test('another merchant’s import answers as one that does not exist', async () => {
  const ports = stage();
  const lot = await inStatus(ports, 'active');
  const nowhere = { merchantId: lot.merchantId, lotId: 'lot_9999999999' };
  for (const ask of [loadImport, startImport, cancelImport, linkVerdicts] as const) {
    const answers = await Promise.all(
      [stranger(lot), nowhere].map((ref) => ask(ports, ref).catch((error: unknown) => error)),
    );
    expect(answers[0]).toEqual(code('vault.import_not_found'));
    expect(answers[0]).toEqual(answers[1]);
  }
  expect((await listImports(ports, 'mer_0000000002', { limit: 10 })).items).toEqual([]);
});
