import fc from 'fast-check';
import { unitPriceCents } from '../../../lambdas/catalog';
import { sku as skuSchema } from '../../../lambdas/contract/catalog';
import { money, times } from '../../../lambdas/kernel/money';

const price = fc.integer({ min: 1, max: 1_000_000_000 });

/** SKUs as the contract admits them: up to ten tiers, rising by quantity, at any price. */
const pricing = fc
  .record({
    priceCents: price,
    tiers: fc.uniqueArray(fc.record({ minQuantity: fc.integer({ min: 2, max: 100 }), priceCents: price }), {
      maxLength: 10,
      selector: (tier) => tier.minQuantity,
    }),
  })
  .map(({ priceCents, tiers }) => ({
    priceCents,
    tiers: tiers.toSorted((a, b) => a.minQuantity - b.minQuantity),
  }));
const quantity = fc.integer({ min: 1, max: 100 });

describe('the unit price', () => {
  const sku = {
    priceCents: 990,
    tiers: [
      { minQuantity: 10, priceCents: 890 },
      { minQuantity: 50, priceCents: 790 },
    ],
  };

  test.each([
    [1, 990],
    [9, 990],
    [10, 890],
    [49, 890],
    [50, 790],
    [100, 790],
  ])('of %i units is %i', (bought, expected) => {
    expect(unitPriceCents(sku, bought)).toBe(expected);
  });

  test('is exactly that of the highest tier reached, or the plain price when none is', () => {
    fc.assert(
      fc.property(pricing, quantity, ({ priceCents, tiers }, bought) => {
        const highest = Math.max(...tiers.map((tier) => tier.minQuantity).filter((min) => min <= bought));
        const expected = tiers.find((tier) => tier.minQuantity === highest)?.priceCents ?? priceCents;
        expect(unitPriceCents({ priceCents, tiers }, bought)).toBe(expected);
      }),
    );
  });

  test('changes at no quantity but where a tier begins', () => {
    fc.assert(
      fc.property(pricing, fc.integer({ min: 2, max: 100 }), (sku, bought) => {
        fc.pre(!sku.tiers.some((tier) => tier.minQuantity === bought));
        expect(unitPriceCents(sku, bought)).toBe(unitPriceCents(sku, bought - 1));
      }),
    );
  });

  test('makes an exact amount for every price and quantity that the contract admits', () => {
    fc.assert(
      fc.property(pricing, quantity, (sku, bought) => {
        const name = { 'zh-CN': '月卡', en: 'Month' };
        const admitted = skuSchema.parse({ skuId: 'sku_0000000001', name, limitPerOrder: 100, ...sku });
        const { amountCents } = times(money(unitPriceCents(admitted, bought), 'CNY'), bought);
        expect(BigInt(amountCents)).toBe(BigInt(unitPriceCents(sku, bought)) * BigInt(bought));
      }),
    );
  });
});
