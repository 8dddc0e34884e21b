import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { DomainError } from '../../lambdas/kernel/errors';
import { type Instant, plusSeconds, toInstant } from '../../lambdas/kernel/time';
import { cancelOrder } from '../../lambdas/orders/app/cancel-order';
import {
  completeDelivery,
  confirmKeys,
  DeliveryInProgress,
  deliverOrder,
} from '../../lambdas/orders/app/deliver-order';
import { meetDeadline } from '../../lambdas/orders/app/meet-deadline';
import { type PlacedOrder, type PlaceOrderInput, placeOrder } from '../../lambdas/orders/app/place-order';
import type { OrderStore } from '../../lambdas/orders/app/ports';
import { createRevealToken, revealKeys } from '../../lambdas/orders/app/reveal-keys';
import { sweepHolds } from '../../lambdas/orders/app/sweep-holds';
import { sweepOrders } from '../../lambdas/orders/app/sweep-orders';
import { DynamoDbPaymentStore } from '../../lambdas/payments/adapters/dynamodb-payment-store';
import type { PaymentReport } from '../../lambdas/payments/app/ports';
import { receiveCallback } from '../../lambdas/payments/app/receive-callback';
import { update } from '../../lambdas/store/conditional-write';
import type { Table } from '../../lambdas/store/table';
import { segmentKey, slotKey } from '../../lambdas/vault/adapters/vault-keys';
import type { SlotStore } from '../../lambdas/vault/app/ports';
import type { Segment, SegmentStatus } from '../../lambdas/vault/domain/segment';
import type { SlotRef } from '../../lambdas/vault/domain/slot';
import { Chaos, CrashError, type Faults } from '../support/chaos-client';
import {
  aShop,
  MemoryRevealLog,
  MemoryRevealTokens,
  noLimits,
  openVault,
  ordersOn,
  PRODUCT_ID,
  plainCredentials,
  plainPaymentLinks,
  stockOn,
  trustingGateway,
} from '../support/order-world';
import type { SeededRandom } from '../support/seeded-random';
import { Simulation } from '../support/simulation';
import { aSegment, publishSegment, writeSlots } from '../support/stock-keys';
import { createTable } from '../support/tables';

/** Releases that come late: the share of slots, beside the pauses that any step may have. */
const LATE_RELEASES = 0.3;

const withLateReleases = (slots: SlotStore, delay: () => Promise<void>): SlotStore => ({
  hold: (ref, holder, until) => slots.hold(ref, holder, until),
  sell: (ref, holder) => slots.sell(ref, holder),
  reveal: (ref, holder) => slots.reveal(ref, holder),
  findMany: (refs) => slots.findMany(refs),
  release: async (ref, holder) => {
    await delay();
    return slots.release(ref, holder);
  },
});

/** What a negative control changes about the design. */
export interface Weakness {
  readonly slots?: (vault: Table) => SlotStore;
  /** How the sweeper sees orders. */
  readonly sweptOrders?: (orders: OrderStore) => Pick<OrderStore, 'find'>;
}

export const START = '2026-01-31T08:00:00.000Z';
const SHOP = 'demo';
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Execution environments, each with clients and caches of its own. */
const ENVIRONMENTS = 4;

export type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'failed' };

/** A buyer's money on its way to an order. */
interface Transaction {
  readonly orderId: string;
  readonly transactionId: string;
  readonly amountCents: number;
}

/** Everything around the use cases: workers that die, queues that repeat, a gateway, buyers, staff. */
export class Market {
  readonly simulation = new Simulation(START);
  readonly chaos: Chaos;
  readonly transactions: Transaction[] = [];
  /** Each key that was shown in plain text, with the orders that it was shown to. */
  readonly disclosed = new Map<string, Set<string>>();
  /** Errors that no injected fault explains. */
  readonly surprises: string[] = [];
  readonly #environments: ReturnType<Market['environment']>[];

  private constructor(
    readonly random: SeededRandom,
    faults: Faults,
    readonly skuIds: readonly string[],
    /** Without faults, for set-up and audit. */
    readonly vault: Table,
    readonly orders: Table,
    weakness: Weakness,
  ) {
    this.chaos = new Chaos(this.simulation, random, faults);
    this.simulation.attach(vault.client);
    this.simulation.attach(orders.client);
    this.#environments = Array.from({ length: ENVIRONMENTS }, () => this.environment(weakness));
  }

  static async open(
    random: SeededRandom,
    faults: Faults,
    skuIds: readonly string[],
    weakness: Weakness,
  ): Promise<Market> {
    const [vault, orders] = [await createTable('vault'), await createTable('orders')];
    return new Market(random, faults, skuIds, vault, orders, weakness);
  }

  private environment({ slots, sweptOrders }: Weakness) {
    const client = this.chaos.client();
    const vault = { client, tableName: this.vault.tableName };
    const orders = { client, tableName: this.orders.tableName };
    const { clock } = this.simulation;
    const sound = stockOn(vault, clock, this.random.next);
    const late = () => this.chaos.delay(LATE_RELEASES);
    const stock = { ...sound, slots: withLateReleases(slots?.(vault) ?? sound.slots, late) };
    const stores = ordersOn(orders);
    return {
      ...aShop(this.skuIds, { paymentDeadlineMinutes: 15 }),
      ...stores,
      clock,
      stock,
      sweptOrders: sweptOrders?.(stores.orders) ?? stores.orders,
      limits: noLimits,
      credentials: plainCredentials,
      paymentLinks: plainPaymentLinks,
      payments: new DynamoDbPaymentStore(orders),
      gateway: trustingGateway,
      revealTokens: new MemoryRevealTokens(),
      reveals: new MemoryRevealLog(),
      vault: openVault(stock),
      chaosVault: vault,
      deadlines: {
        schedule: (message: { orderId: string; deadlineAt: Instant }, delaySeconds: number) =>
          this.chaos.step(async () => void this.deliverDeadline(message, delaySeconds)),
      },
      workflow: {
        start: (orderId: string) => this.chaos.step(async () => this.startDelivery(orderId)),
      },
    };
  }

  /** Lets a worker in some environment do something; it may die of it. */
  async invoke<T>(work: (ports: ReturnType<Market['environment']>) => Promise<T>): Promise<Attempt<T>> {
    const environment = this.random.pick(this.#environments);
    try {
      return { kind: 'done', value: await this.chaos.worker(() => work(environment)) };
    } catch (error) {
      if (error instanceof DomainError) return { kind: 'refused', code: error.code };
      if (!isExpected(error)) this.surprises.push(String(error));
      return { kind: 'failed' };
    }
  }

  /** As a queue or a state machine repeats: until it is done or refused, at most so often. */
  async insist<T>(
    times: number,
    waitMs: number,
    work: (ports: ReturnType<Market['environment']>) => Promise<T>,
  ): Promise<Attempt<T>> {
    let attempt: Attempt<T> = { kind: 'failed' };
    for (let n = 0; n < times && attempt.kind !== 'done'; n += 1) {
      if (n > 0) await this.simulation.sleep(waitMs * 2 ** Math.min(n - 1, 6));
      attempt = await this.invoke(work);
    }
    return attempt;
  }

  // Queues and workflows, at-least-once and sometimes late.

  private async deliverDeadline(message: { orderId: string; deadlineAt: Instant }, delaySeconds: number) {
    const copies = this.random.chance(0.1) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = this.random.chance(0.2) ? this.random.between(0, 20 * MINUTE) : 0;
      void this.simulation
        .sleep(delaySeconds * SECOND + late)
        .then(() => this.insist(5, MINUTE, (ports) => meetDeadline(ports, message)));
    }
  }

  private startDelivery(orderId: string): void {
    const runs = this.random.chance(0.25) ? 2 : 1;
    for (let run = 0; run < runs; run += 1) void this.deliver(orderId);
  }

  private async deliver(orderId: string): Promise<void> {
    await this.simulation.sleep(this.random.between(10, 2 * SECOND));
    const confirmed = await this.insist(4, SECOND, (ports) => confirmKeys(ports, orderId));
    if (confirmed.kind === 'done') {
      const { confirmation, attempt } = confirmed.value;
      if (confirmation === 'refund_due') return;
      const completed = await this.insist(4, SECOND, (ports) => completeDelivery(ports, orderId, attempt));
      if (completed.kind === 'done') return;
    }
    await this.simulation.sleep(this.random.between(MINUTE, 3 * MINUTE));
    await this.insist(5, 2 * MINUTE, (ports) => deliverOrder(ports, orderId));
  }

  // Buyers and their money.

  place(name: string, skuId: string, quantity: number, address = '192.0.2.1') {
    const input: PlaceOrderInput = {
      shop: SHOP,
      idempotencyKey: name,
      productId: PRODUCT_ID,
      productVersion: 1,
      skuId,
      quantity,
      contact: `${name}@example.com`,
      address,
    };
    return this.invoke((ports) => placeOrder(ports, input));
  }

  async buyer(name: string): Promise<void> {
    const { random, simulation } = this;
    await simulation.sleep(random.between(0, 60 * MINUTE));
    const placed = await this.persist(name);
    if (placed === undefined) return;
    const decision = random.next();
    if (decision < 0.1) {
      await simulation.sleep(random.between(SECOND, 14 * MINUTE));
      await this.insist(3, 5 * SECOND, (ports) => cancelOrder(ports, { shop: SHOP, ...placed }));
      if (random.chance(0.4)) await this.pay(placed);
      return;
    }
    if (decision < 0.38) return;
    const untilDeadline = Date.parse(placed.deadlineAt) - simulation.now();
    const isLate = decision < 0.72;
    await simulation.sleep(
      isLate
        ? Math.max(0, untilDeadline) + random.between(-20 * SECOND, 10 * MINUTE)
        : random.between(5 * SECOND, 10 * MINUTE),
    );
    if (random.chance(0.06)) void this.callBack(placed, { amountCents: placed.amountCents - 1 });
    if (random.chance(0.08)) void this.pay(placed);
    await this.pay(placed);
    await simulation.sleep(random.between(MINUTE, 6 * MINUTE));
    await this.reveal(placed, 3);
  }

  /** Orders again with the same key until there is an answer or patience ends; now and then twice at once. */
  private async persist(name: string): Promise<PlacedOrder | undefined> {
    const { random, simulation } = this;
    const skuId = random.pick(this.skuIds);
    const quantity = random.pick([1, 1, 1, 2, 2, 3, 4, 5]);
    for (let n = 0; n < 5; n += 1) {
      const twins = [this.place(name, skuId, quantity)];
      if (random.chance(0.25)) {
        twins.push(simulation.sleep(random.between(0, 200)).then(() => this.place(name, skuId, quantity)));
      }
      const answers = await Promise.all(twins);
      const placed = answers.find((answer) => answer.kind === 'done');
      if (placed !== undefined) return placed.value;
      if (answers.some((answer) => answer.kind === 'refused' && answer.code === 'orders.sold_out')) return;
      await simulation.sleep(random.between(SECOND, 45 * SECOND));
    }
    return undefined;
  }

  /** One transaction, which the gateway reports until it is acknowledged, now and then twice at once. */
  private async pay(placed: PlacedOrder): Promise<void> {
    const transactionId = this.transactionId();
    const reports = [this.callBack(placed, { transactionId })];
    if (this.random.chance(0.25)) reports.push(this.callBack(placed, { transactionId }));
    await Promise.all(reports);
  }

  private async callBack(
    placed: PlacedOrder,
    { transactionId = this.transactionId(), amountCents = placed.amountCents },
  ): Promise<void> {
    const { orderId, currency } = placed;
    if (!this.transactions.some((known) => known.transactionId === transactionId)) {
      this.transactions.push({ orderId, transactionId, amountCents });
    }
    const report: PaymentReport = {
      orderId,
      transactionId,
      amount: { amountCents, currency },
      status: 'paid',
    };
    const isWrong = amountCents !== placed.amountCents;
    await this.insist(40, 15 * SECOND, async (ports) => {
      try {
        await receiveCallback(ports, JSON.stringify(report));
      } catch (error) {
        // Refused for good: on record as to be refunded, which is all that there is to do about it.
        if (!(isWrong && error instanceof DomainError)) throw error;
      }
    });
  }

  private transactionId(): string {
    return `txn_${Math.floor(this.random.next() * 2 ** 48).toString(36)}`;
  }

  async reveal(claim: Pick<PlacedOrder, 'orderId' | 'orderToken'>, times: number): Promise<boolean> {
    const revealed = await this.insist(times, 5 * SECOND, async (ports) => {
      const { revealToken } = await createRevealToken(ports, { shop: SHOP, ...claim });
      return revealKeys(
        ports,
        { shop: SHOP, ...claim },
        { revealToken, address: '192.0.2.1', userAgent: 'chaos' },
      );
    });
    if (revealed.kind !== 'done') return false;
    for (const { fields } of revealed.value.keys) {
      const text = fields.map(({ value }) => value).join();
      this.disclosed.set(text, (this.disclosed.get(text) ?? new Set()).add(claim.orderId));
    }
    return true;
  }

  // Staff and schedules.

  /** Puts a segment on sale, again and again until it is done. Its slots were nobody's business before. */
  async importSegment(changes: Partial<Segment> & Pick<Segment, 'segmentId' | 'size'>): Promise<void> {
    const segment = aSegment(changes);
    await writeSlots(this.vault, segment);
    await this.insist(40, SECOND, ({ chaosVault, stock }) => publishSegment(chaosVault, stock, segment));
  }

  /** available -> voided */
  async voidSlot(ref: SlotRef): Promise<void> {
    await update(this.vault, {
      Key: slotKey(ref),
      UpdateExpression: 'SET #status = :voided',
      ConditionExpression: '#status = :available',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':available': 'available', ':voided': 'voided' },
    });
  }

  async setSegmentStatus(segmentId: string, status: SegmentStatus): Promise<void> {
    await this.vault.client.send(
      new UpdateCommand({
        TableName: this.vault.tableName,
        Key: segmentKey(segmentId),
        UpdateExpression: 'SET #status = :status',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': status },
      }),
    );
  }

  sweepOrders() {
    return this.invoke(sweepOrders);
  }

  sweepHolds() {
    return this.invoke(({ sweptOrders, stock }) => sweepHolds({ orders: sweptOrders as OrderStore, stock }));
  }

  /** Runs the sweepers now and then, whether or not the run before is done. */
  async schedule(everyMs: number, untilMs: number): Promise<void> {
    const end = this.simulation.now() + untilMs;
    while (this.simulation.now() < end) {
      await this.simulation.sleep(everyMs);
      void this.sweepOrders();
      void this.sweepHolds();
    }
  }

  /** Ends the faults and lets everybody finish, the sweepers included, until nothing is found any more. */
  async drain(rounds: number): Promise<void> {
    this.chaos.calm();
    await this.simulation.run();
    for (let quiet = 0, round = 0; quiet < 3; round += 1) {
      if (round === rounds) throw new Error('the sweepers never come to rest');
      void this.simulation.sleep(2 * MINUTE);
      await this.simulation.run();
      const found = [
        await this.simulation.finish(this.sweepOrders()),
        await this.simulation.finish(this.sweepHolds()),
      ];
      const nothing = found.every(
        (sweep) => sweep.kind === 'done' && Object.values(sweep.value).every((count) => count === 0),
      );
      quiet = nothing ? quiet + 1 : 0;
    }
  }

  /** Orders, pays and is delivered, with nothing in the way. */
  async buyAtOnce(name: string, skuId: string, quantity: number): Promise<Attempt<PlacedOrder>> {
    const placed = await this.simulation.finish(this.place(name, skuId, quantity));
    if (placed.kind !== 'done') return placed;
    await this.simulation.finish(this.pay(placed.value));
    return placed;
  }

  at(minutes: number, work: () => Promise<unknown>): void {
    void this.simulation.sleep(minutes * MINUTE).then(work);
  }
}

const EXPECTED = new Set([
  'CrashError',
  'TimeoutError',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'TransactionConflictException',
]);

/** Injected, or a worker's way of saying that another one is at it. */
const isExpected = (error: unknown): boolean =>
  error instanceof CrashError ||
  error instanceof DeliveryInProgress ||
  (error instanceof Error && EXPECTED.has(error.name));

export const inDays = (days: number): Instant => plusSeconds(toInstant(new Date(START)), days * 86_400);
