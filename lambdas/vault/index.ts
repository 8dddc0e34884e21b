/** What other contexts may use of the vault: keys by their slots, never their secrets. */
export { DynamoDbSecretStore } from './adapters/dynamodb-secret-store';
export { DynamoDbSegmentStore } from './adapters/dynamodb-segment-store';
export { DynamoDbSlotStore } from './adapters/dynamodb-slot-store';
export { dynamoDbStock } from './adapters/dynamodb-stock';
export { DynamoDbStockCount } from './adapters/dynamodb-stock-count';
export { KmsSecretOpener } from './adapters/kms-secret-opener';
export { type Allocation, type AllocationPorts, allocateKeys, forgetHints } from './app/allocate-keys';
export { type OpenedKey, openKeys } from './app/open-keys';
export { type DisclosurePorts, LIVE_SHARDS, type StockPorts } from './app/ports';
export { type HeldSlot, releaseKeys, returnTickets } from './app/release-keys';
export { sellKeys } from './app/sell-keys';
export { type FateOfHold, type HoldFate, sweepSegment } from './app/sweep-segment';
export { DIRECT, poolOf } from './domain/segment';
export { type Holder, holderOf, parseSlotId, type Slot, type SlotStatus, slotId } from './domain/slot';
