import fc from 'fast-check';
import { NEVER } from '../../../lambdas/kernel/time';
import { cutSegments } from '../../../lambdas/vault/domain/cut-segments';

const expiry = fc.oneof(
  fc.constant(NEVER),
  fc
    .date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
);
const keys = fc
  .array(expiry, { maxLength: 300 })
  .map((expiries) => expiries.map((expiresAt, line) => ({ line, expiresAt })));

test('every key is in one segment, none of which promises longer than any of its keys', () => {
  fc.assert(
    fc.property(keys, (all) => {
      const cuts = cutSegments(all);
      expect(cuts.flatMap((cut) => cut.keys).sort((a, b) => a.line - b.line)).toEqual(all);
      for (const cut of cuts) {
        expect(cut.keys.length).toBeGreaterThan(0);
        expect(cut.expiresAt).toBe(cut.keys.map((key) => key.expiresAt).sort()[0]);
      }
    }),
  );
});

test('keys that never expire are never cut to a date, and there are at most 64 segments', () => {
  fc.assert(
    fc.property(keys, (all) => {
      const cuts = cutSegments(all);
      expect(cuts.length).toBeLessThanOrEqual(64);
      const lasting = cuts.filter((cut) => cut.keys.some((key) => key.expiresAt === NEVER));
      expect(lasting.every((cut) => cut.expiresAt === NEVER)).toBe(true);
    }),
  );
});

test('keys of one day share a segment, keys of different days do not', () => {
  const cuts = cutSegments(
    ['2027-01-02T09:00:00.000Z', '2027-01-01T10:00:00.000Z', '2027-01-01T09:00:00.000Z'].map((expiresAt) => ({
      expiresAt,
    })),
  );
  expect(cuts.map(({ expiresAt, keys }) => [expiresAt, keys.length])).toEqual([
    ['2027-01-01T09:00:00.000Z', 2],
    ['2027-01-02T09:00:00.000Z', 1],
  ]);
});
