import { batchWrite } from '../../store/batch';
import type { Table } from '../../store/table';
import type { NewSlot, SlotWriter } from '../app/import-ports';
import type { SlotRef, SlotStatus } from '../domain/slot';
import { slotKey } from './vault-keys';

const available: SlotStatus = 'available';

/**
 * Slots of segments that are not published; from then on the slot store's transitions alone change them.
 *
 * | access pattern             | key                          | index |
 * |----------------------------|------------------------------|-------|
 * | put or delete new slots    | pk slot#<segmentId>.<index>  | -     |
 */
export class DynamoDbSlotWriter implements SlotWriter {
  constructor(private readonly table: Table) {}

  async putAll(slots: readonly NewSlot[]): Promise<void> {
    const puts = slots.map(({ segmentId, index, ...facts }) => ({
      put: { ...slotKey({ segmentId, index }), status: available, ...facts },
    }));
    await batchWrite(this.table, puts);
  }

  async deleteAll(slots: readonly SlotRef[]): Promise<void> {
    const deletes = slots.map((slot) => ({ delete: slotKey(slot) }));
    await batchWrite(this.table, deletes);
  }
}
