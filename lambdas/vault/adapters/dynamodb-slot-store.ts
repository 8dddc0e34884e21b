import * as z from 'zod';
import { batchGet } from '../../store/batch';
import { type Item, update } from '../../store/conditional-write';
import type { Table } from '../../store/table';
import type { SlotStore } from '../app/ports';
import { type Holder, parseSlotId, type Slot, type SlotRef, slotId, slotStatuses } from '../domain/slot';
import { slotKey } from './vault-keys';

/** Conditions of the slots' transitions, as they are combined below. */
const available = '#status = :available';
const held = '#status = :held';
const undisclosed = '#status IN (:held, :sold)';
const delivered = '#status IN (:sold, :revealed)';
const holdersOwn = 'holder = :holder';

const statuses = (...names: Slot['status'][]) => Object.fromEntries(names.map((name) => [`:${name}`, name]));

/**
 * | access pattern                      | key                          | index |
 * |-------------------------------------|------------------------------|-------|
 * | hold, release, sell, reveal a slot  | pk slot#<segmentId>.<index>  | -     |
 * | a range or a list of slots          | pk slot#<segmentId>.<index>  | -     |
 */
export class DynamoDbSlotStore implements SlotStore {
  constructor(private readonly table: Table) {}

  async hold(ref: SlotRef, holder: Holder, until: string): Promise<'held' | 'taken' | 'gone'> {
    const outcome = await this.#transition(ref, {
      UpdateExpression: 'SET #status = :held, holder = :holder, heldUntil = :until',
      ConditionExpression: available,
      ExpressionAttributeValues: {
        ...statuses('available', 'held'),
        ':holder': holder,
        ':until': until,
      },
    });
    if (outcome.won) return 'held';
    const slot = outcome.item && parseSlot(outcome.item);
    // The holder's own repeat after a lost answer has won already.
    if (slot?.status === 'held') return slot.holder === holder ? 'held' : 'taken';
    return 'gone';
  }

  async release(ref: SlotRef, holder: Holder): Promise<'released' | 'available' | 'taken' | 'gone'> {
    const outcome = await this.#transition(ref, {
      UpdateExpression: 'SET #status = :available REMOVE holder, heldUntil',
      ConditionExpression: [undisclosed, holdersOwn].join(' AND '),
      ExpressionAttributeValues: { ...statuses('available', 'held', 'sold'), ':holder': holder },
    });
    if (outcome.won) return 'released';
    const status = outcome.item && parseSlot(outcome.item).status;
    if (status === 'held') return 'taken';
    return status === 'available' ? 'available' : 'gone';
  }

  async sell(ref: SlotRef, holder: Holder): Promise<'sold' | 'lost'> {
    const outcome = await this.#transition(ref, {
      UpdateExpression: 'SET #status = :sold REMOVE heldUntil',
      ConditionExpression: [held, holdersOwn].join(' AND '),
      ExpressionAttributeValues: { ...statuses('held', 'sold'), ':holder': holder },
    });
    if (outcome.won) return 'sold';
    const slot = outcome.item && parseSlot(outcome.item);
    const soldBefore = slot?.holder === holder && (slot.status === 'sold' || slot.status === 'revealed');
    return soldBefore ? 'sold' : 'lost';
  }

  async reveal(ref: SlotRef, holder: Holder): Promise<Slot | 'lost'> {
    const outcome = await this.#transition(ref, {
      UpdateExpression: 'SET #status = :revealed',
      ConditionExpression: [delivered, holdersOwn].join(' AND '),
      ExpressionAttributeValues: { ...statuses('sold', 'revealed'), ':holder': holder },
      ReturnValues: 'ALL_NEW',
    });
    return outcome.won && outcome.attributes ? parseSlot(outcome.attributes) : 'lost';
  }

  async findMany(refs: readonly SlotRef[]): Promise<Slot[]> {
    const items = await batchGet(this.table, refs.map(slotKey));
    const slots = new Map(items.map(parseSlot).map((slot) => [slotId(slot), slot]));
    return refs.flatMap((ref) => slots.get(slotId(ref)) ?? []);
  }

  #transition(
    ref: SlotRef,
    change: {
      UpdateExpression: string;
      ConditionExpression: string;
      ExpressionAttributeValues: Item;
      ReturnValues?: 'ALL_NEW';
    },
  ) {
    return update(this.table, {
      Key: slotKey(ref),
      ExpressionAttributeNames: { '#status': 'status' },
      ...change,
    });
  }
}

const slotItem = z.object({
  pk: z.string(),
  status: z.enum(slotStatuses),
  secretId: z.string(),
  mask: z.string(),
  holder: z.string().optional(),
  heldUntil: z.string().optional(),
});

function parseSlot(item: Item): Slot {
  const { pk, ...slot } = slotItem.parse(item);
  return { ...slot, ...parseSlotId(pk.slice('slot#'.length)) };
}
