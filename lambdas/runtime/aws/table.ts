import { environment } from '../../contract/environment';
import type { TableName } from '../../contract/tables';
import type { Table } from '../../store/table';
import { fromEnvironment } from '../environment';
import { dynamodb } from './dynamodb';

/** A table that the infrastructure has given this function. */
export const table = (name: TableName): Table => ({
  client: dynamodb(),
  tableName: fromEnvironment(environment.table[name]),
});
