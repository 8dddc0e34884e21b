import type { RevealLog } from '../../audit';
import type { ProductStore, Shelf, VersionArchive } from '../../catalog';
import type { NewId } from '../../kernel/ids';
import type { Clock, Instant } from '../../kernel/time';
import type { ShopDirectory } from '../../merchants';
import type { StockPorts } from '../../vault';
import type { Limits } from '../domain/client-limits';
import type { Actor, Order, OrderKey, Payment, Reason } from '../domain/order';

/** A transition's loss: the order is no longer what the caller took it for. */
export type Raced = 'raced';

/**
 * The order item is the one commit point: nothing is promised to a buyer before it stands there. Every method is
 * one conditional write and answers the order as it is after it.
 */
export interface OrderStore {
  /** If absent. Before any hold. */
  create(order: Order): Promise<'created' | 'exists'>;
  /** Strongly consistent. */
  find(orderId: string): Promise<Order | undefined>;
  /** allocating | reallocating, lease lapsed: the next attempt begins and is the caller's. */
  takeOver(order: Order, lease: { now: Instant; until: Instant }): Promise<Order | Raced>;
  /** allocating -> pending_payment, if the attempt still stands. */
  awaitPayment(order: Order, keys: readonly OrderKey[], at: Instant): Promise<Order | Raced>;
  /** allocating -> sold_out, if the attempt still stands. */
  declareSoldOut(order: Order, at: Instant): Promise<Order | Raced>;
  /** allocating | pending_payment -> expired. Exactly one of payment and expiry wins. */
  expire(order: Order, cause: { actor: Actor; reason: Reason; at: Instant }): Promise<Order | Raced>;
  /** Everything that an ended order held is back in stock: nothing is left to do. */
  markReleased(order: Order): Promise<Order | Raced>;
  /** pending_payment -> paid. */
  pay(order: Order, payment: Payment, at: Instant): Promise<Order | Raced>;
  /** expired and released -> reallocating: a late payment. */
  reopen(order: Order, payment: Payment, at: Instant): Promise<Order | Raced>;
  /** paid -> reallocating: some of its keys could not be confirmed and are to be given back. */
  dropKeys(order: Order, lost: readonly OrderKey[], at: Instant): Promise<Order | Raced>;
  /** reallocating -> paid with all keys again, if the attempt still stands. */
  restore(order: Order, keys: readonly OrderKey[], at: Instant): Promise<Order | Raced>;
  /** reallocating -> refund_due, if the attempt still stands. */
  declareRefundDue(order: Order, at: Instant): Promise<Order | Raced>;
  /** paid -> delivered, if the attempt still stands, and with it the keys that were confirmed. */
  deliver(order: Order, at: Instant): Promise<Order | Raced>;
}

/** Orders that something is left to do for, by when. */
export interface DueOrders {
  due(shard: number, before: Instant, cursor?: string): Promise<{ orderIds: string[]; next?: string }>;
}

/** The index of due orders is spread over this many partitions. */
export const DUE_SHARDS = 8;

/** Counts what clients hold without paying. A client is a contact or an address, by its pseudonym. */
export interface ClientLimits {
  admit(
    client: string,
    order: { orderId: string; quantity: number; until: Instant },
    limits: Limits,
    now: Instant,
  ): Promise<
    { kind: 'admitted' } | { kind: 'too_many_unpaid' | 'too_many_held'; until: Instant } | { kind: 'busy' }
  >;
  forget(client: string, orderId: string): Promise<void>;
}

/** Wakes the order up at its payment deadline. */
export interface DeadlineQueue {
  schedule(message: { orderId: string; deadlineAt: Instant }, delaySeconds: number): Promise<void>;
}

/** Starts the order-delivery workflow; starting it twice is harmless. */
export interface DeliveryWorkflow {
  start(orderId: string): Promise<void>;
}

/** Ids and tokens that nobody can guess and the product can compute again, by merchant. */
export interface OrderCredentials {
  orderId(merchantId: string, caller: string, idempotencyKey: string): Promise<string>;
  orderToken(merchantId: string, orderId: string): Promise<string>;
  /** Constant-time. */
  checkToken(merchantId: string, orderId: string, token: string): Promise<boolean>;
  /** Pseudonyms of the contact and the address under which limits count. */
  clients(merchantId: string, contact: string, address: string): Promise<string[]>;
}

/** Where a buyer pays for an order. */
export interface PaymentLinks {
  linkFor(order: Pick<Order, 'orderId' | 'amountCents' | 'currency' | 'deadlineAt'>): Promise<string>;
}

/** Tokens for one reveal each; only their digests are kept. */
export interface RevealTokens {
  issue(orderId: string, expiresAt: Instant): Promise<string>;
  /** True once for each token, for its order, until it expires. */
  redeem(token: string, orderId: string, now: Instant): Promise<boolean>;
}

export interface OrderPorts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly shops: ShopDirectory;
  readonly shelf: Pick<Shelf, 'findOnShelf'>;
  readonly products: Pick<ProductStore, 'findProduct'>;
  readonly versions: VersionArchive;
  readonly orders: OrderStore;
  readonly dueOrders: DueOrders;
  readonly limits: ClientLimits;
  readonly deadlines: DeadlineQueue;
  readonly workflow: DeliveryWorkflow;
  readonly credentials: OrderCredentials;
  readonly paymentLinks: PaymentLinks;
  readonly revealTokens: RevealTokens;
  readonly reveals: RevealLog;
  readonly stock: StockPorts;
}
