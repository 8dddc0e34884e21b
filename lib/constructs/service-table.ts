import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { environment } from '../../lambdas/contract/environment';
import { type TableFacts, type TableName, tables } from '../../lambdas/contract/tables';
import type { Stage } from '../stage';
import type { ServiceFunction } from './service-function';

/** DynamoDB's operations, as they are named in grants. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem'
  | 'ConditionCheckItem';

export interface ServiceTableProps {
  readonly stage: Stage;
  /** Its keys and index stand in the contract. */
  readonly name: TableName;
  readonly encryptionKey: IKey;
}

/** A table on demand: encrypted under the customer's key, restorable to any second, kept when its stack goes. */
export class ServiceTable extends Construct {
  readonly table: Table;
  private readonly props: ServiceTableProps;

  constructor(scope: Construct, id: string, props: ServiceTableProps) {
    super(scope, id);
    this.props = props;
    const { partitionKey, sortKey, timeToLive, index }: TableFacts = tables[props.name];
    const text = (name: string) => ({ name, type: AttributeType.STRING });
    this.table = new Table(this, 'Table', {
      partitionKey: text(partitionKey),
      ...(sortKey && { sortKey: text(sortKey) }),
      ...(timeToLive && { timeToLiveAttribute: timeToLive }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.encryptionKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.stage.isProduction,
      removalPolicy: props.stage.removalPolicy,
    });
    if (index) {
      this.table.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: text(index.partitionKey),
        sortKey: text(index.sortKey),
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }
  }

  /** Tells a function the table's name and lets it do exactly these operations. */
  grant(fn: ServiceFunction, ...actions: TableAction[]): void {
    fn.function.addEnvironment(environment.table[this.props.name], this.table.tableName);
    this.allow(fn, [this.table.tableArn], actions);
  }

  /** Lets a function query the table's index, and nothing but the index. */
  grantIndexQuery(fn: ServiceFunction, indexName: string): void {
    this.allow(fn, [`${this.table.tableArn}/index/${indexName}`], ['Query']);
  }

  private allow(fn: ServiceFunction, resources: string[], actions: TableAction[]): void {
    fn.allow(
      resources,
      actions.map((action) => `dynamodb:${action}`),
    );
    fn.allowKeyThrough(this.props.encryptionKey.keyArn, ['dynamodb'], ['kms:Decrypt']);
  }
}
