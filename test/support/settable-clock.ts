import type { Instant } from '../../lambdas/kernel/time';

/** A clock that stands until it is moved. */
export function settableClock(start: Instant = '2026-01-31T08:00:00.000Z') {
  let now = Date.parse(start);
  return {
    clock: () => new Date(now),
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}
