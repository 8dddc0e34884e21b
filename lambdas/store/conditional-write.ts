import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DeleteCommandInput,
  PutCommand,
  type PutCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Table } from './table';

export type Item = Record<string, unknown>;

/**
 * What a conditional write answers. Losing is a value: `item` is what stood there, absent when nothing did.
 * `attributes` is what the write was asked to return.
 */
export type Outcome =
  | { readonly won: true; readonly attributes: Item | undefined }
  | { readonly won: false; readonly item: Item | undefined };

export const update = ({ client, tableName }: Table, input: InTable<UpdateCommandInput>): Promise<Outcome> =>
  outcomeOf(client.send(new UpdateCommand({ TableName: tableName, ...RETURN_OLD_ITEM, ...input })));

export const put = ({ client, tableName }: Table, input: InTable<PutCommandInput>): Promise<Outcome> =>
  outcomeOf(client.send(new PutCommand({ TableName: tableName, ...RETURN_OLD_ITEM, ...input })));

export const remove = ({ client, tableName }: Table, input: InTable<DeleteCommandInput>): Promise<Outcome> =>
  outcomeOf(client.send(new DeleteCommand({ TableName: tableName, ...RETURN_OLD_ITEM, ...input })));

type InTable<Input> = Omit<Input, 'TableName'>;

const RETURN_OLD_ITEM = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

async function outcomeOf(write: Promise<{ Attributes?: Item | undefined }>): Promise<Outcome> {
  try {
    return { won: true, attributes: (await write).Attributes };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { won: false, item: error.Item && unmarshall(error.Item) };
  }
}
