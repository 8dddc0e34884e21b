import fc from 'fast-check';
import {
  holderOf,
  parseHolder,
  parseSlotId,
  type SlotStatus,
  slotId,
  slotStatuses,
  slotTransitions,
} from '../../../lambdas/vault/domain/slot';

const id = fc.stringMatching(/^[a-z]{3}_[0-9a-z]{10,26}$/);

/** Every status that can follow, however long after. */
function reachable(from: SlotStatus): Set<SlotStatus> {
  const reached = new Set(slotTransitions[from]);
  for (const status of reached) for (const next of slotTransitions[status]) reached.add(next);
  return reached;
}

test('a key that was disclosed or voided stays so for ever', () => {
  expect(reachable('revealed')).toEqual(new Set());
  expect(reachable('voided')).toEqual(new Set());
});

test('a key is sold only out of a hold, and held only when it is available', () => {
  const into = (to: SlotStatus) => slotStatuses.filter((from) => slotTransitions[from].includes(to));
  expect(into('sold')).toEqual(['held']);
  expect(into('held')).toEqual(['available']);
  expect(into('revealed')).toEqual(['sold']);
});

test('every key that is not yet disclosed or voided can still be', () => {
  for (const status of ['available', 'held', 'sold'] as const) {
    expect(reachable(status)).toContain('revealed');
    expect(reachable(status)).toContain('voided');
  }
});

test('a slot’s id tells the slot', () => {
  fc.assert(
    fc.property(id, fc.nat(), (segmentId, index) => {
      expect(parseSlotId(slotId({ segmentId, index }))).toEqual({ segmentId, index });
    }),
  );
});

test.each(['', '.', '.1', 'seg_0000000001', 'seg_0000000001.x', 'seg_0000000001.1.5x'])(
  'what is no slot’s id is refused: %p',
  (text) => {
    expect(() => parseSlotId(text)).toThrow('not a slot id');
  },
);

test('a holder tells the order and the attempt', () => {
  fc.assert(
    fc.property(id, fc.integer({ min: 1, max: 1000 }), (orderId, attempt) => {
      expect(parseHolder(holderOf(orderId, attempt))).toEqual({ orderId, attempt });
    }),
  );
});
