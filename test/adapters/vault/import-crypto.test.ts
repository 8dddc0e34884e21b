import { DerivedMacs } from '../../../lambdas/store/derived-mac';
import { KmsSecretOpener } from '../../../lambdas/vault/adapters/kms-secret-opener';
import { KmsSecretSealer } from '../../../lambdas/vault/adapters/kms-secret-sealer';
import { MacFingerprinter } from '../../../lambdas/vault/adapters/mac-fingerprinter';
import type { Segment } from '../../../lambdas/vault/domain/segment';
import { type LocalKms, startLocalKms } from '../../support/local-kms';

let kms: LocalKms;
beforeAll(async () => {
  kms = await startLocalKms();
});
afterAll(() => kms.close());

const segment: Segment = {
  segmentId: 'seg_1',
  merchantId: 'mer_1',
  skuId: 'sku_1',
  lotId: 'lot_1',
  size: 1,
  head: 0,
  avail: 1,
  status: 'active',
  pool: 'sku_1#direct',
  expiresAt: '9999-12-31T23:59:59.999Z',
  labels: ['卡密'],
  wrappedDataKey: new Uint8Array(),
  swept: 0,
  headSeen: 0,
};

test('what the import seals, the reveal opens; under another segment or secret it does not open', async () => {
  const sealer = new KmsSecretSealer(kms.client, kms.cardKeysKey);
  const opener = new KmsSecretOpener(kms.client, kms.cardKeysKey);
  const dataKey = await sealer.newDataKey(segment);
  const ciphertext = dataKey.seal('sec_1', ['卡号', 'two\nlines']);
  const written = { ...segment, wrappedDataKey: dataKey.wrapped };
  const open = await opener.unwrap(written);
  expect(open('sec_1', ciphertext)).toEqual(['卡号', 'two\nlines']);
  expect(() => open('sec_2', ciphertext)).toThrow();
  await expect(opener.unwrap({ ...written, segmentId: 'seg_2' })).rejects.toThrow();
});

test('two segments never share a data key', async () => {
  const sealer = new KmsSecretSealer(kms.client, kms.cardKeysKey);
  const [one, two] = [await sealer.newDataKey(segment), await sealer.newDataKey(segment)];
  expect(Buffer.from(one.wrapped)).not.toEqual(Buffer.from(two.wrapped));
});

test('equal keys of one merchant have one fingerprint, those of two merchants have two', async () => {
  const fingerprinter = new MacFingerprinter(new DerivedMacs(kms.client, kms.macKey));
  const again = new MacFingerprinter(new DerivedMacs(kms.client, kms.macKey));
  const [own, other] = [await fingerprinter.of('mer_1'), await fingerprinter.of('mer_2')];
  expect((await again.of('mer_1'))('KEY')).toBe(own('KEY'));
  expect(other('KEY')).not.toBe(own('KEY'));
  expect(own('key')).not.toBe(own('KEY'));
});
