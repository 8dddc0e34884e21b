import { randomInt } from 'node:crypto';
import type { OrderStore } from '../../lambdas/orders/app/ports';
import { update } from '../../lambdas/store/conditional-write';
import type { Table } from '../../lambdas/store/table';
import { DynamoDbSlotStore } from '../../lambdas/vault/adapters/dynamodb-slot-store';
import { slotKey } from '../../lambdas/vault/adapters/vault-keys';
import { type Holder, holderOf, parseHolder, type SlotRef } from '../../lambdas/vault/domain/slot';
import { allocationRun, type RunReport } from './allocation-run';
import type { Weakness } from './market';

/** A hold that takes the slot, whoever has it. */
class UnconditionalHold extends DynamoDbSlotStore {
  constructor(private readonly vault: Table) {
    super(vault);
  }

  override async hold(ref: SlotRef, holder: Holder, until: string): Promise<'held'> {
    await update(this.vault, {
      Key: slotKey(ref),
      UpdateExpression: 'SET #status = :held, holder = :holder, heldUntil = :until',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':held': 'held', ':holder': holder, ':until': until },
    });
    return 'held';
  }
}

/** Slots that know the order that holds them, but not in which attempt. */
class HolderWithoutAttempt extends DynamoDbSlotStore {
  override hold(ref: SlotRef, holder: Holder, until: string) {
    return super.hold(ref, withoutAttempt(holder), until);
  }
  override release(ref: SlotRef, holder: Holder) {
    return super.release(ref, withoutAttempt(holder));
  }
  override sell(ref: SlotRef, holder: Holder) {
    return super.sell(ref, withoutAttempt(holder));
  }
  override reveal(ref: SlotRef, holder: Holder) {
    return super.reveal(ref, withoutAttempt(holder));
  }
}

const withoutAttempt = (holder: Holder): Holder => holderOf(parseHolder(holder).orderId, 0);

/** The sweeper of such a design: it asks whether the order lists the slot, in whichever attempt. */
const ordersWithoutAttempts = (orders: OrderStore): Pick<OrderStore, 'find'> => ({
  find: async (orderId) => {
    const order = await orders.find(orderId);
    return order && { ...order, attempt: 0, keys: order.keys.map((key) => ({ ...key, attempt: 0 })) };
  },
});

const SEEDS = [1, 8, 13];
/** For the controls alone, should a change of the code lead the first ones past the fault. */
const MORE_SEEDS = [16, 21, 22, 27, 31];
const ANY_SEED = randomInt(2 ** 31);

const TEN_MINUTES = 600_000;

describe('a sale under crashes, pauses, lost answers, throttling, imports, voids and recalls', () => {
  let reports: ReadonlyMap<number, RunReport>;

  beforeAll(async () => {
    const all = await Promise.all([...SEEDS, ANY_SEED].map((seed) => allocationRun(seed)));
    reports = new Map(all.map((report) => [report.seed, report]));
    for (const report of all) process.stderr.write(`${JSON.stringify(report)}\n`);
  }, TEN_MINUTES);

  test.each([...SEEDS, ANY_SEED])(
    'delivers no key twice, takes no money for nothing and loses no key (seed %d)',
    (seed) => {
      const report = reports.get(seed);
      expect(report?.violations).toEqual([]);
      expect(report?.injected.crash).toBeGreaterThan(50);
      expect(report?.orders.delivered).toBeGreaterThan(0);
      expect(report?.orders.expired).toBeGreaterThan(0);
    },
  );
});

describe('the same sale finds the fault of a design', () => {
  const search = async (weakness: Weakness): Promise<string[]> => {
    for (const seed of [...SEEDS, ...MORE_SEEDS]) {
      const { violations } = await allocationRun(seed, weakness);
      const faults = violations.filter((violation) => /^(double delivery|delivered key)/.test(violation));
      if (faults.length > 0) return faults;
    }
    return [];
  };

  test(
    'whose hold has no condition',
    async () => {
      expect(await search({ slots: (vault) => new UnconditionalHold(vault) })).not.toEqual([]);
    },
    TEN_MINUTES,
  );

  test(
    'whose holder is the order without the attempt',
    async () => {
      const weakness: Weakness = {
        slots: (vault) => new HolderWithoutAttempt(vault),
        sweptOrders: ordersWithoutAttempts,
      };
      expect(await search(weakness)).not.toEqual([]);
    },
    TEN_MINUTES,
  );
});
