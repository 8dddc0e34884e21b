import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type TableFacts, type TableName, tables } from '../../lambdas/contract/tables';
import type { Table } from '../../lambdas/store/table';
import { localDynamoDb } from './tables';

type StoredItem = Record<string, AttributeValue>;

/** One write of one item. */
export interface Write {
  readonly table: TableName;
  /** The partition key up to its first `#`: `order`, `slot`, `segment`. */
  readonly kind: string;
  readonly units: number;
  readonly indexUnits: number;
  /** Of the item as it was left. */
  readonly bytes: number;
  /** Its condition did not hold. */
  readonly failed: boolean;
}

/** One request of any kind. */
export interface Call {
  readonly table: TableName;
  readonly command: string;
  readonly kind: string;
}

const KILOBYTE = 1024;

/**
 * What DynamoDB would bill, by own arithmetic, because DynamoDB Local reports none for failed conditions: a write
 * costs the larger of the old and the new whole item, rounded up to a kilobyte; a failed one the old item; in a
 * transaction twice that. An index of keys alone costs one for each entry that goes and each that comes. Items
 * must not be written by several clients at once.
 */
export class CostModel {
  readonly writes: Write[] = [];
  readonly calls: Call[] = [];
  readonly #plain = localDynamoDb();

  /** Counts every request that the table's client makes from now on. */
  attach(name: TableName, { client, tableName }: Table): void {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const command = `${context.commandName}`.replace(/Command$/, '');
        const keys = keysOf(name, command, args.input);
        for (const key of keys) this.calls.push({ table: name, command, kind: kindOf(name, key) });
        if (keys.length === 0) this.calls.push({ table: name, command, kind: '' });
        if (!isWrite(command)) return next(args);
        const old = await Promise.all(keys.map((key) => this.#item(tableName, key)));
        const settle = async (failed: boolean) => {
          const left = await Promise.all(keys.map((key) => this.#item(tableName, key)));
          const factor = command.startsWith('Transact') ? 2 : 1;
          keys.forEach((key, i) => {
            this.writes.push({
              table: name,
              kind: kindOf(name, key),
              units: factor * unitsOf(old[i], left[i]),
              indexUnits: failed ? 0 : factor * indexUnitsOf(tables[name], old[i], left[i]),
              bytes: sizeOf(left[i]),
              failed,
            });
          });
        };
        try {
          const result = await next(args);
          await settle(false);
          return result;
        } catch (error) {
          await settle(true);
          throw error;
        }
      },
      { step: 'build', name: 'costModel' },
    );
  }

  /** Write units of some tables, their indexes apart. */
  units(...names: TableName[]): number {
    return sum(this.writes.filter(({ table }) => names.includes(table)).map(({ units }) => units));
  }

  indexUnits(): number {
    return sum(this.writes.map(({ indexUnits }) => indexUnits));
  }

  /** The largest that an item of the kind ever was. */
  largest(kind: string): number {
    return Math.max(0, ...this.writes.filter((write) => write.kind === kind).map(({ bytes }) => bytes));
  }

  async #item(TableName: string, Key: StoredItem): Promise<StoredItem | undefined> {
    return (await this.#plain.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
  }
}

const isWrite = (command: string): boolean =>
  /^(PutItem|UpdateItem|DeleteItem|BatchWriteItem|TransactWriteItems)$/.test(command);

interface Request {
  readonly Key?: StoredItem;
  readonly Item?: StoredItem;
  readonly RequestItems?: Record<
    string,
    { PutRequest?: { Item: StoredItem }; DeleteRequest?: { Key: StoredItem } }[]
  >;
  readonly TransactItems?: Partial<Record<'Put' | 'Update' | 'Delete' | 'ConditionCheck', Request>>[];
}

/** The keys that a request names, but for the keys that batches read. */
function keysOf(name: TableName, command: string, input: unknown): StoredItem[] {
  const { Key, Item, RequestItems, TransactItems } = input as Request;
  const key = Key ?? Item;
  if (key !== undefined) return [keyAttributes(name, key)];
  if (TransactItems) {
    return TransactItems.flatMap((one) => Object.values(one)).flatMap((one) => keysOf(name, command, one));
  }
  if (command !== 'BatchWriteItem' || !RequestItems) return [];
  return Object.values(RequestItems)
    .flat()
    .map(({ PutRequest, DeleteRequest }) =>
      keyAttributes(name, PutRequest?.Item ?? DeleteRequest?.Key ?? {}),
    );
}

function keyAttributes(name: TableName, item: StoredItem): StoredItem {
  const { partitionKey, sortKey }: TableFacts = tables[name];
  const wanted = [partitionKey, sortKey];
  return Object.fromEntries(Object.entries(item).filter(([attribute]) => wanted.includes(attribute)));
}

const kindOf = (name: TableName, key: StoredItem): string =>
  (key[tables[name].partitionKey]?.S ?? '').split('#')[0] ?? '';

const unitsOf = (old: StoredItem | undefined, left: StoredItem | undefined): number =>
  Math.max(1, Math.ceil(Math.max(sizeOf(old), sizeOf(left)) / KILOBYTE));

function indexUnitsOf(
  { index }: TableFacts,
  old: StoredItem | undefined,
  left: StoredItem | undefined,
): number {
  if (index === undefined) return 0;
  const entryOf = (item: StoredItem | undefined): string | undefined => {
    const [partition, sort] = [item?.[index.partitionKey]?.S, item?.[index.sortKey]?.S];
    return partition === undefined || sort === undefined ? undefined : `${partition} ${sort}`;
  };
  const [before, after] = [entryOf(old), entryOf(left)];
  if (before === after) return 0;
  return (before === undefined ? 0 : 1) + (after === undefined ? 0 : 1);
}

/** Names and values in bytes, as the developer guide counts them. */
const sizeOf = (item: StoredItem | undefined): number =>
  sum(Object.entries(item ?? {}).map(([name, value]) => Buffer.byteLength(name) + valueSize(value)));

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  // Two digits to the byte, one byte more, and another for a sign.
  if (value.N !== undefined) return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 2;
  if (value.B !== undefined) return value.B.byteLength;
  if (value.L !== undefined) return 3 + sum(value.L.map((one) => 1 + valueSize(one)));
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + sizeOf(value.M);
  return 1;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
