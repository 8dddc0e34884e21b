import { randomUUID } from 'node:crypto';
import { DynamoDbDueOrders } from '../../../lambdas/orders/adapters/dynamodb-due-orders';
import { DynamoDbOrderStore } from '../../../lambdas/orders/adapters/dynamodb-order-store';
import { DUE_SHARDS, type Raced } from '../../../lambdas/orders/app/ports';
import {
  type Order,
  type OrderStatus,
  orderStatuses,
  orderTransitions,
} from '../../../lambdas/orders/domain/order';
import type { Table } from '../../../lambdas/store/table';
import { createTable } from '../../support/tables';

const AT = '2026-01-31T08:00:00.000Z';
const LATER = '2026-01-31T08:01:00.000Z';
const DEADLINE = '2026-01-31T08:15:00.000Z';
const KEYS = [{ slotId: 'seg_0000000001.7', attempt: 1 }];
const PAYMENT = { gateway: 'sandbox', transactionId: 'T1' };
const EXPIRY = { actor: 'system', reason: 'deadline', at: LATER } as const;

let table: Table;
let store: DynamoDbOrderStore;

beforeAll(async () => {
  table = await createTable('orders');
  store = new DynamoDbOrderStore(table);
});

/** A new order that is allocating. */
const anOrder = (changes: Partial<Order> = {}): Order => ({
  orderId: `ord_${randomUUID().replaceAll('-', '')}`,
  merchantId: 'mer_0000000001',
  status: 'allocating',
  attempt: 1,
  leaseUntil: '2026-01-31T08:00:30.000Z',
  requestHash: 'a'.repeat(22),
  productId: 'prd_0000000001',
  productVersion: 3,
  skuId: 'sku_0000000001',
  quantity: 1,
  amountCents: 990,
  currency: 'CNY',
  contact: 'buyer@example.com',
  clients: ['one', 'two'],
  placedAt: AT,
  deadlineAt: DEADLINE,
  dueAt: DEADLINE,
  keys: [],
  timeline: [{ at: AT, status: 'allocating', actor: 'buyer' }],
  ...changes,
});

async function won(move: Promise<Order | Raced>): Promise<Order> {
  const outcome = await move;
  if (outcome === 'raced') throw new Error('lost a race that nobody else runs');
  return outcome;
}

async function created(changes: Partial<Order> = {}): Promise<Order> {
  const order = anOrder(changes);
  await store.create(order);
  return order;
}

/** An order that has come to each status by the store's own transitions. */
const reach: Record<OrderStatus, () => Promise<Order>> = {
  allocating: created,
  pending_payment: async () => won(store.awaitPayment(await created(), KEYS, AT)),
  sold_out: async () => won(store.declareSoldOut(await created(), AT)),
  expired: async () =>
    won(store.markReleased(await won(store.expire(await reach.pending_payment(), EXPIRY)))),
  reallocating: async () => won(store.reopen(await reach.expired(), PAYMENT, LATER)),
  paid: async () => won(store.pay(await reach.pending_payment(), PAYMENT, LATER)),
  delivered: async () => won(store.deliver(await reach.paid(), LATER)),
  refund_due: async () => won(store.declareRefundDue(await reach.reallocating(), LATER)),
};

/** Every transition of the store: from where it leads to where. */
const moves: Record<
  string,
  { from: OrderStatus[]; to: OrderStatus; move: (order: Order) => Promise<Order | Raced> }
> = {
  awaitPayment: {
    from: ['allocating'],
    to: 'pending_payment',
    move: (order) => store.awaitPayment(order, KEYS, LATER),
  },
  declareSoldOut: {
    from: ['allocating'],
    to: 'sold_out',
    move: (order) => store.declareSoldOut(order, LATER),
  },
  expire: {
    from: ['allocating', 'pending_payment'],
    to: 'expired',
    move: (order) => store.expire(order, EXPIRY),
  },
  pay: { from: ['pending_payment'], to: 'paid', move: (order) => store.pay(order, PAYMENT, LATER) },
  reopen: { from: ['expired'], to: 'reallocating', move: (order) => store.reopen(order, PAYMENT, LATER) },
  dropKeys: {
    from: ['paid'],
    to: 'reallocating',
    move: (order) => store.dropKeys(order, order.keys, LATER),
  },
  restore: { from: ['reallocating'], to: 'paid', move: (order) => store.restore(order, KEYS, LATER) },
  declareRefundDue: {
    from: ['reallocating'],
    to: 'refund_due',
    move: (order) => store.declareRefundDue(order, LATER),
  },
  deliver: { from: ['paid'], to: 'delivered', move: (order) => store.deliver(order, LATER) },
};

test('an order is created once, and never over another', async () => {
  const order = anOrder();
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => store.create(order)));
  expect(outcomes.toSorted()).toEqual(['created', 'exists', 'exists', 'exists', 'exists']);
  expect(await store.create({ ...order, contact: 'other@example.com' })).toBe('exists');
  expect((await store.find(order.orderId))?.contact).toBe(order.contact);
});

test('an order is read as it was written, with all it may hold and with nothing that it may lack', async () => {
  const { leaseUntil: _lease, dueAt: _due, ...bare } = anOrder();
  const full = anOrder({
    keys: [...KEYS, { slotId: 'seg_with.dots.12', attempt: 12 }],
    dropped: [{ slotId: 'seg_0000000002.0', attempt: 2 }],
    payment: PAYMENT,
    timeline: [
      { at: AT, status: 'allocating', actor: 'buyer' },
      { at: LATER, status: 'expired', actor: 'staff:abc-123', reason: 'buyer' },
    ],
  });
  for (const order of [bare, full]) {
    await store.create(order);
    expect(await store.find(order.orderId)).toEqual(order);
  }
});

test('an order that was never created is not found', async () => {
  expect(await store.find('ord_0000000000')).toBeUndefined();
});

describe.each(Object.entries(moves))('%s', (_name, { from, to, move }) => {
  test.each(from)(
    `leads from %s to ${to}, answers what then stands and adds to the time line`,
    async (status) => {
      const before = await reach[status]();
      const after = await won(move(before));
      expect(after.status).toBe(to);
      expect(await store.find(before.orderId)).toEqual(after);
      expect(after.timeline.slice(0, -1)).toEqual(before.timeline);
      expect(after.timeline.at(-1)).toMatchObject({ at: LATER, status: to });
    },
  );

  test.each(from)('from %s is won once', async (status) => {
    const before = await reach[status]();
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => move(before)));
    expect(outcomes.filter((outcome) => outcome !== 'raced')).toHaveLength(1);
  });

  test.each(orderStatuses.filter((status) => !from.includes(status)))(
    'is lost as a value from %s and changes nothing',
    async (status) => {
      const before = await reach[status]();
      expect(await move(before)).toBe('raced');
      expect(await store.find(before.orderId)).toEqual(before);
    },
  );

  test('on an order that does not exist is lost and creates none', async () => {
    const missing = anOrder();
    expect(await move(missing)).toBe('raced');
    expect(await store.find(missing.orderId)).toBeUndefined();
  });
});

test('the transitions are those of the domain, no more and no fewer', () => {
  const pairs = (all: [string, readonly string[]][]) => all.flatMap(([a, bs]) => bs.map((b) => `${a} ${b}`));
  const ofStore = pairs(
    Object.values(moves).flatMap(({ from, to }) => from.map((one) => [one, [to]] as [string, string[]])),
  );
  expect(ofStore.toSorted()).toEqual(pairs(Object.entries(orderTransitions)).toSorted());
});

describe('an attempt that another has taken over', () => {
  const ofAttempt = ['awaitPayment', 'declareSoldOut', 'restore', 'declareRefundDue'] as const;

  test.each(ofAttempt)('cannot %s any more', async (name) => {
    const { from, move } = moves[name] ?? { from: [], move: async () => 'raced' as const };
    const before = await reach[from[0] ?? 'allocating']();
    const lapsed = '2026-01-31T09:00:00.000Z';
    const taken = await won(store.takeOver(before, { now: lapsed, until: lapsed }));
    expect(await move(before)).toBe('raced');
    expect(await move(taken)).not.toBe('raced');
  });

  test('delivers no keys that a later one has replaced', async () => {
    const paid = await reach.paid();
    const dropped = await won(store.dropKeys(paid, paid.keys, LATER));
    const own = await won(store.takeOver(dropped, { now: LATER, until: LATER }));
    await won(store.restore(own, [{ slotId: 'seg_0000000001.8', attempt: own.attempt }], LATER));
    expect(await store.deliver(paid, LATER)).toBe('raced');
    expect(await store.dropKeys(paid, paid.keys, LATER)).toBe('raced');
  });
});

describe('an attempt is taken over', () => {
  const lease = { now: '2026-01-31T08:00:30.000Z', until: '2026-01-31T08:01:00.000Z' };

  test('once its lease has lapsed, not before, and by one alone', async () => {
    const order = await created();
    expect(await store.takeOver(order, { ...lease, now: '2026-01-31T08:00:29.999Z' })).toBe('raced');
    const outcomes = await Promise.all([store.takeOver(order, lease), store.takeOver(order, lease)]);
    const winners = outcomes.filter((outcome) => outcome !== 'raced');
    expect(winners).toMatchObject([{ attempt: 2, leaseUntil: lease.until, status: 'allocating' }]);
  });

  test('at once when nobody has a lease', async () => {
    const order = await reach.reallocating();
    expect(await store.takeOver(order, lease)).toMatchObject({ attempt: order.attempt + 1 });
  });

  test('never when the order has moved on', async () => {
    const order = await created();
    await won(store.awaitPayment(order, KEYS, AT));
    expect(await store.takeOver(order, lease)).toBe('raced');
  });
});

test('an order is marked as released once, in the status and attempt that ended', async () => {
  const pending = await reach.pending_payment();
  expect(await store.markReleased({ ...pending, status: 'expired' })).toBe('raced');
  const expired = await won(store.expire(pending, EXPIRY));
  expect(await store.markReleased({ ...expired, attempt: 2 })).toBe('raced');
  const released = await won(store.markReleased(expired));
  expect(released).not.toHaveProperty('dueAt');
  expect(await store.markReleased(expired)).toBe('raced');
});

test('a late payment takes no order up again before its keys are back', async () => {
  const expired = await won(store.expire(await reach.pending_payment(), EXPIRY));
  expect(await store.reopen(expired, PAYMENT, LATER)).toBe('raced');
});

test('dropped keys are remembered until they are given back, and the others stay the order’s', async () => {
  const keys = [...KEYS, { slotId: 'seg_0000000001.8', attempt: 1 }];
  const pending = await won(store.awaitPayment(await created({ quantity: 2 }), keys, AT));
  const paid = await won(store.pay(pending, PAYMENT, LATER));
  const dropped = await won(store.dropKeys(paid, paid.keys.slice(0, 1), LATER));
  expect(dropped).toMatchObject({ keys: keys.slice(1), dropped: keys.slice(0, 1), attempt: 2 });
  expect(await store.find(paid.orderId)).toEqual(dropped);
});

describe('the orders that something is due for', () => {
  const dueIds = async (orders: DynamoDbDueOrders, before: string) => {
    const ids: string[] = [];
    for (let shard = 0; shard < DUE_SHARDS; shard += 1) {
      let cursor: string | undefined;
      do {
        const page = await orders.due(shard, before, cursor);
        ids.push(...page.orderIds);
        cursor = page.next;
      } while (cursor !== undefined);
    }
    return ids;
  };

  test('are found from their time on, in every status until nothing is left to do', async () => {
    table = await createTable('orders');
    store = new DynamoDbOrderStore(table);
    const due = new DynamoDbDueOrders(table);
    const at = async (status: OrderStatus) => (await reach[status]()).orderId;
    const early = [await at('reallocating'), await at('paid'), await at('refund_due')];
    const late = [await at('allocating'), await at('pending_payment')];
    for (const status of ['sold_out', 'expired', 'delivered'] as const) await at(status);

    expect(await dueIds(due, '2026-01-31T08:01:59.999Z')).toEqual([]);
    expect((await dueIds(due, '2026-01-31T08:02:00.000Z')).toSorted()).toEqual(early.toSorted());
    expect((await dueIds(due, DEADLINE)).toSorted()).toEqual([...early, ...late].toSorted());
  });

  test('are found page by page, each once, also those of one moment', async () => {
    table = await createTable('orders');
    store = new DynamoDbOrderStore(table);
    const orders = Array.from({ length: 230 }, (_, i) =>
      anOrder({ orderId: `ord_${String(i).padStart(9, '0')}0` }),
    );
    await Promise.all(orders.map((order) => store.create(order)));
    const found = await dueIds(new DynamoDbDueOrders(table), DEADLINE);
    expect(found.toSorted()).toEqual(orders.map(({ orderId }) => orderId).toSorted());
  });
});
