import fc from 'fast-check';
import { productId } from '../../../lambdas/contract/values';
import { timeOrderedId } from '../../../lambdas/runtime/time-ordered-id';

const moment = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });

test('ids sort by the moment they were made and have the form that the contract wants', () => {
  fc.assert(
    fc.property(moment, moment, (one, other) => {
      fc.pre(one.getTime() !== other.getTime());
      const [a, b] = [one, other].map((at) => timeOrderedId(() => at)('prd')) as [string, string];
      expect(a < b).toBe(one < other);
      expect(productId.safeParse(a).success).toBe(true);
    }),
  );
});

test('ids of one moment differ', () => {
  const newId = timeOrderedId(() => new Date(0));
  expect(new Set(Array.from({ length: 1000 }, () => newId('prd'))).size).toBe(1000);
});
