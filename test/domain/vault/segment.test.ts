import fc from 'fast-check';
import { NEVER, plusSeconds } from '../../../lambdas/kernel/time';
import { mustOutlive, poolOf, segmentStatuses, sellsTo } from '../../../lambdas/vault/domain/segment';
import { aSegment } from '../../support/stock-keys';

const UNTIL = '2026-01-31T08:15:00.000Z';
const pool = poolOf('sku_0000000001');
const segment = (changes = {}) => aSegment({ segmentId: 'seg_0000000001', size: 1, ...changes });

test('returned keys are sold only by their own pool, while their lot is neither paused nor recalled', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...segmentStatuses),
      fc.constantFrom(pool, poolOf('sku_0000000002'), poolOf('sku_0000000001', 'agent')),
      (status, asking) => {
        const sells = sellsTo(segment({ status }), asking, mustOutlive(UNTIL));
        expect(sells).toBe(status === 'active' && asking === pool);
      },
    ),
  );
});

test('a key is sold only if it stays valid for an hour after the last moment at which it may be paid', () => {
  const sells = (expiresAt: string) => sellsTo(segment({ expiresAt }), pool, mustOutlive(UNTIL));
  expect(sells(plusSeconds(UNTIL, 3600))).toBe(false);
  expect(sells(plusSeconds(UNTIL, 3601))).toBe(true);
  expect(sells(NEVER)).toBe(true);
});
