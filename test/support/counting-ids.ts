import type { NewId } from '../../lambdas/kernel/ids';

/** Predictable ids of the contract's form, each sorting after the one before: `prd_0000000001`, `prd_0000000002`. */
export function countingIds(): NewId {
  let count = 0;
  return (prefix) => {
    count += 1;
    return `${prefix}_${String(count).padStart(10, '0')}`;
  };
}
