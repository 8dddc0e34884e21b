import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Instant } from '../../kernel/time';
import { plusSeconds } from '../../kernel/time';
import { type Item, put, update } from '../../store/conditional-write';
import type { Table } from '../../store/table';
import type { OrderStore, Raced } from '../app/ports';
import {
  type Actor,
  DELIVERY_GRACE_SECONDS,
  type Order,
  type OrderKey,
  type OrderStatus,
  type Payment,
  type Reason,
} from '../domain/order';
import { fromItem, orderKey, toItem, toKeyText, toTimelineText } from './order-item';

/** Conditions of the orders' transitions, as they are combined below. */
const absent = 'attribute_not_exists(pk)';
const attemptStands = 'attempt = :standing';
const leaseLapsed = '(attribute_not_exists(leaseUntil) OR leaseUntil <= :now)';
const released = 'attribute_not_exists(dueAt)';
const unreleased = 'attribute_exists(dueAt)';
const unpaid = 'attribute_not_exists(payment)';

/** One transition: from which statuses, to which, under which further conditions, and what else it writes. */
interface Move {
  readonly from: readonly OrderStatus[];
  readonly to: OrderStatus;
  readonly at: Instant;
  readonly actor: Actor;
  readonly reason?: Reason;
  readonly conditions?: readonly string[];
  readonly set?: Item;
  readonly remove?: readonly string[];
}

/**
 * Table `orders`. The time line is a list that each transition appends to in its own update.
 *
 * | access pattern                     | key                 | index                          |
 * |------------------------------------|---------------------|--------------------------------|
 * | create, find, move an order        | pk order#<orderId>  | -                              |
 * | orders that something is due for   | -                   | due (dueShard, dueAt), sparse  |
 */
export class DynamoDbOrderStore implements OrderStore {
  constructor(private readonly table: Table) {}

  async create(order: Order): Promise<'created' | 'exists'> {
    const outcome = await put(this.table, { Item: toItem(order), ConditionExpression: absent });
    return outcome.won ? 'created' : 'exists';
  }

  async find(orderId: string): Promise<Order | undefined> {
    const { client, tableName: TableName } = this.table;
    const { Item } = await client.send(
      new GetCommand({ TableName, Key: orderKey(orderId), ConsistentRead: true }),
    );
    return Item && fromItem(Item);
  }

  async takeOver(order: Order, lease: { now: Instant; until: Instant }): Promise<Order | Raced> {
    const outcome = await update(this.table, {
      Key: orderKey(order.orderId),
      UpdateExpression: 'SET attempt = :next, leaseUntil = :until',
      ConditionExpression: ['#status = :status', attemptStands, leaseLapsed].join(' AND '),
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':next': order.attempt + 1,
        ':standing': order.attempt,
        ':status': order.status,
        ':now': lease.now,
        ':until': lease.until,
      },
      ReturnValues: 'ALL_NEW',
    });
    return outcome.won && outcome.attributes ? fromItem(outcome.attributes) : 'raced';
  }

  awaitPayment(order: Order, keys: readonly OrderKey[], at: Instant): Promise<Order | Raced> {
    return this.#move(order, {
      from: ['allocating'],
      to: 'pending_payment',
      at,
      actor: 'system',
      conditions: [attemptStands],
      set: { keys: keys.map(toKeyText) },
      remove: ['leaseUntil'],
    });
  }

  declareSoldOut(order: Order, at: Instant): Promise<Order | Raced> {
    return this.#move(order, {
      from: ['allocating'],
      to: 'sold_out',
      at,
      actor: 'system',
      reason: 'out_of_stock',
      conditions: [attemptStands],
      remove: ['leaseUntil', 'dueShard', 'dueAt'],
    });
  }

  expire(order: Order, cause: { actor: Actor; reason: Reason; at: Instant }): Promise<Order | Raced> {
    return this.#move(order, {
      from: ['allocating', 'pending_payment'],
      to: 'expired',
      ...cause,
      remove: ['leaseUntil'],
    });
  }

  async markReleased(order: Order): Promise<Order | Raced> {
    const outcome = await update(this.table, {
      Key: orderKey(order.orderId),
      UpdateExpression: 'REMOVE dueShard, dueAt, dropped',
      ConditionExpression: ['#status = :status', attemptStands, unreleased].join(' AND '),
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': order.status, ':standing': order.attempt },
      ReturnValues: 'ALL_NEW',
    });
    return outcome.won && outcome.attributes ? fromItem(outcome.attributes) : 'raced';
  }

  pay(order: Order, payment: Payment, at: Instant): Promise<Order | Raced> {
    return this.#move(order, {
      from: ['pending_payment'],
      to: 'paid',
      at,
      actor: 'gateway',
      conditions: [unpaid],
      set: { payment, dueAt: plusSeconds(at, DELIVERY_GRACE_SECONDS) },
    });
  }

  reopen(order: Order, payment: Payment, at: Instant): Promise<Order | Raced> {
    const { dueShard } = toItem(order);
    return this.#move(order, {
      from: ['expired'],
      to: 'reallocating',
      at,
      actor: 'gateway',
      reason: 'late_payment',
      conditions: [released, unpaid],
      set: { payment, keys: [], dueShard, dueAt: plusSeconds(at, DELIVERY_GRACE_SECONDS) },
    });
  }

  dropKeys(order: Order, lost: readonly OrderKey[], at: Instant): Promise<Order | Raced> {
    const kept = order.keys.filter((key) => !lost.includes(key));
    const dropped = [...(order.dropped ?? []), ...lost];
    return this.#move(order, {
      from: ['paid'],
      to: 'reallocating',
      at,
      actor: 'system',
      reason: 'key_lost',
      conditions: [attemptStands],
      // The next attempt: a late repeat of the restoring write must find the present one gone.
      set: { keys: kept.map(toKeyText), dropped: dropped.map(toKeyText), attempt: order.attempt + 1 },
    });
  }

  restore(order: Order, keys: readonly OrderKey[], at: Instant): Promise<Order | Raced> {
    return this.#move(order, {
      from: ['reallocating'],
      to: 'paid',
      at,
      actor: 'system',
      conditions: [attemptStands],
      set: { keys: keys.map(toKeyText), dueAt: plusSeconds(at, DELIVERY_GRACE_SECONDS) },
      remove: ['leaseUntil'],
    });
  }

  declareRefundDue(order: Order, at: Instant): Promise<Order | Raced> {
    return this.#move(order, {
      from: ['reallocating'],
      to: 'refund_due',
      at,
      actor: 'system',
      reason: 'out_of_stock',
      conditions: [attemptStands],
      remove: ['leaseUntil'],
    });
  }

  deliver(order: Order, at: Instant): Promise<Order | Raced> {
    return this.#move(order, {
      from: ['paid'],
      to: 'delivered',
      at,
      actor: 'system',
      conditions: [attemptStands],
      remove: ['dueShard', 'dueAt', 'dropped'],
    });
  }

  async #move(order: Order, move: Move): Promise<Order | Raced> {
    const { conditions = [], remove = [] } = move;
    const set: Item = { ...move.set, status: move.to };
    const assignments = Object.keys(set).map((name) => `#${name} = :${name}`);
    const appended = 'timeline = list_append(timeline, :entry)';
    const fromStatuses = Object.fromEntries(move.from.map((status, i) => [`:from${i}`, status]));
    const isFrom = `#status IN (${Object.keys(fromStatuses).join(', ')})`;
    const outcome = await update(this.table, {
      Key: orderKey(order.orderId),
      UpdateExpression: [
        `SET ${[...assignments, appended].join(', ')}`,
        ...(remove.length > 0 ? [`REMOVE ${remove.join(', ')}`] : []),
      ].join(' '),
      ConditionExpression: [isFrom, ...conditions].join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(Object.keys(set).map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...fromStatuses,
        ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
        ...(conditions.includes(attemptStands) ? { ':standing': order.attempt } : {}),
        ':entry': [toTimelineText({ ...move, status: move.to })],
      },
      ReturnValues: 'ALL_NEW',
    });
    return outcome.won && outcome.attributes ? fromItem(outcome.attributes) : 'raced';
  }
}
