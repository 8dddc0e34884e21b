import fc from 'fast-check';
import { stockLevelOf } from '../../../lambdas/catalog/domain/stock-level';

describe('the stock level', () => {
  test.each([
    [0, 'sold_out'],
    [1, 'low'],
    [10, 'low'],
    [11, 'in_stock'],
  ])('of %i keys is %s', (available, level) => {
    expect(stockLevelOf(available)).toBe(level);
  });

  test('says sold out for nothing but an empty stock, however far the count lags', () => {
    fc.assert(
      fc.property(fc.integer(), (available) => {
        expect(stockLevelOf(available) === 'sold_out').toBe(available <= 0);
      }),
    );
  });
});
