import fc from 'fast-check';
import { maskKey } from '../../../lambdas/vault/domain/mask-key';

const LONE_SURROGATE = /\p{Surrogate}/gu;

const keys = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ maxLength: 60, unit: 'binary' }),
  fc.string({ maxLength: 60, unit: fc.constantFrom('*', 'a', '😀', ' ') }),
);

test('a mask never shows six characters of a key in a row', () => {
  fc.assert(
    fc.property(keys, (key) => {
      const mask = maskKey([key]);
      for (let i = 0; i + 6 <= key.length; i += 1) expect(mask).not.toContain(key.slice(i, i + 6));
    }),
    { numRuns: 2000 },
  );
});

test('a mask has at most 40 characters and cuts none apart', () => {
  fc.assert(
    fc.property(fc.array(keys, { minLength: 1, maxLength: 8 }), (values) => {
      const wellFormed = values.map((value) => value.replace(LONE_SURROGATE, '?'));
      const mask = maskKey(wellFormed);
      expect([...mask].length).toBeLessThanOrEqual(40);
      expect(mask).not.toMatch(LONE_SURROGATE);
    }),
  );
});

test.each([
  [['SHORT'], '****'],
  [['ABCD-EFGH-IJKL'], 'AB****KL'],
  [['ABCD-EFGH-IJKL-MNOP-QRST-UVWX'], 'ABCD****UVWX'],
  [['6222021234567890', 'secret'], '62****90 / ****'],
])('%j is masked as %s', (values, mask) => {
  expect(maskKey(values)).toBe(mask);
});
