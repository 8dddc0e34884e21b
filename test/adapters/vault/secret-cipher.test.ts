import { randomBytes } from 'node:crypto';
import { openSecret, sealSecret } from '../../../lambdas/vault/adapters/aes-gcm-secret-cipher';

const key = randomBytes(32);
const place = { merchantId: 'mer_1', skuId: 'sku_1', secretId: 'sec_1' };
const values = ['卡号 1234', 'pass\nword', ''];

test('what was sealed opens in its place with its key', () => {
  expect(openSecret(key, place, sealSecret(key, place, values))).toEqual(values);
});

test('a secret with any one byte changed does not open', () => {
  const sealed = sealSecret(key, place, values);
  for (let i = 0; i < sealed.length; i += 1) {
    for (const flip of [1, 128]) {
      const changed = Uint8Array.from(sealed);
      changed[i] = (changed[i] ?? 0) ^ flip;
      expect(() => openSecret(key, place, changed)).toThrow();
    }
  }
});

test('a secret that was cut off anywhere, or lengthened, does not open', () => {
  const sealed = sealSecret(key, place, values);
  for (let length = 0; length < sealed.length; length += 1) {
    expect(() => openSecret(key, place, sealed.subarray(0, length))).toThrow();
  }
  expect(() => openSecret(key, place, Buffer.concat([sealed, Buffer.of(0)]))).toThrow();
});

test.each([{ merchantId: 'mer_2' }, { skuId: 'sku_2' }, { secretId: 'sec_2' }])(
  'a secret that was moved to %p does not open',
  (elsewhere) => {
    const sealed = sealSecret(key, place, values);
    expect(() => openSecret(key, { ...place, ...elsewhere }, sealed)).toThrow();
  },
);

test('another key opens nothing', () => {
  const sealed = sealSecret(key, place, values);
  expect(() => openSecret(randomBytes(32), place, sealed)).toThrow();
});

test('sealed twice, a key is not seen to be the same', () => {
  const [one, two] = [sealSecret(key, place, values), sealSecret(key, place, values)];
  expect(Buffer.from(one).equals(two)).toBe(false);
  expect(Buffer.from(one).subarray(1, 13).equals(Buffer.from(two).subarray(1, 13))).toBe(false);
});

test('nothing of a key is to be read in what is stored', () => {
  const sealed = Buffer.from(sealSecret(key, place, ['PLAINTEXT']));
  expect(sealed.includes('PLAINTEXT')).toBe(false);
  expect(sealed).toHaveLength(1 + 12 + JSON.stringify(['PLAINTEXT']).length + 16);
});
