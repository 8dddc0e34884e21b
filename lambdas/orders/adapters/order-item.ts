import * as z from 'zod';
import type { Item } from '../../store/conditional-write';
import { DUE_SHARDS } from '../app/ports';
import {
  type Actor,
  type Order,
  type OrderKey,
  orderStatuses,
  type Reason,
  type TimelineEntry,
} from '../domain/order';

/*
 * An update bills the whole item, so an order of five keys has to stay within 1 KB through its whole life: keys and
 * time line are short texts, not maps that repeat their attribute names.
 */

export const orderKey = (orderId: string) => ({ pk: `order#${orderId}` });

/** `<slotId>#<attempt>` */
export const toKeyText = ({ slotId, attempt }: OrderKey): string => `${slotId}#${attempt}`;

const keyText = z.string().transform((text): OrderKey => {
  const [slotId = '', attempt] = text.split('#');
  return { slotId, attempt: Number(attempt) };
});

/** `<at> <status> <actor>[ <reason>]` */
export const toTimelineText = ({ at, status, actor, reason }: TimelineEntry): string =>
  [at, status, actor, ...(reason === undefined ? [] : [reason])].join(' ');

const timelineText = z.string().transform((text): TimelineEntry => {
  const [at = '', status, actor = '', reason] = text.split(' ');
  return {
    at,
    status: z.enum(orderStatuses).parse(status),
    actor: actor as Actor,
    ...(reason === undefined ? {} : { reason: reason as Reason }),
  };
});

const orderItem = z
  .object({
    pk: z.string(),
    merchantId: z.string(),
    status: z.enum(orderStatuses),
    attempt: z.int(),
    leaseUntil: z.string().optional(),
    requestHash: z.string(),
    productId: z.string(),
    productVersion: z.int(),
    skuId: z.string(),
    quantity: z.int(),
    amountCents: z.int(),
    currency: z.string(),
    contact: z.string(),
    clients: z.array(z.string()),
    placedAt: z.string(),
    deadlineAt: z.string(),
    dueAt: z.string().optional(),
    keys: z.array(keyText),
    dropped: z.array(keyText).optional(),
    payment: z.object({ gateway: z.string(), transactionId: z.string() }).optional(),
    timeline: z.array(timelineText),
  })
  .transform(({ pk, ...order }): Order => ({ orderId: pk.slice('order#'.length), ...order }) as Order);

export const fromItem = (item: Item): Order => orderItem.parse(item);

export function toItem({ orderId, ...order }: Order): Item {
  return {
    ...orderKey(orderId),
    ...order,
    keys: order.keys.map(toKeyText),
    dropped: order.dropped?.map(toKeyText),
    timeline: order.timeline.map(toTimelineText),
    dueShard: dueShard(shardOf(orderId)),
  };
}

/** Order ids are digests, so their last character spreads them. */
const shardOf = (orderId: string): number => orderId.charCodeAt(orderId.length - 1) % DUE_SHARDS;

/** The index's partition of a shard. */
export const dueShard = (shard: number): string => `due#${shard}`;
