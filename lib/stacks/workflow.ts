import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import { environment } from '../../lambdas/contract/environment';
import { tables } from '../../lambdas/contract/tables';
import type { FunctionBundles } from '../bundle-functions';
import { grantFiles, grantReleaseOfKeys, grantSaleOfKeys } from '../constructs/grants';
import { OrderDelivery } from '../constructs/order-delivery';
import { ServiceFunction } from '../constructs/service-function';
import { WorkQueue } from '../constructs/work-queue';
import type { Stage } from '../stage';
import type { DataStack } from './data';

export interface WorkflowStackProps {
  readonly stage: Stage;
  readonly bundles: FunctionBundles;
  readonly data: DataStack;
}

const DEADLINE_TIMEOUT = Duration.seconds(20);
const REDRIVE_TIMEOUT = Duration.seconds(20);
const IMPORT_TIMEOUT = Duration.minutes(5);
const SWEEP_TIMEOUT = Duration.minutes(5);

/** What happens without a caller waiting: delivery, deadlines, sweeps, imports. */
export class WorkflowStack extends Stack {
  readonly orderDelivery: OrderDelivery;
  readonly deadlines: WorkQueue;
  readonly imports: WorkQueue;

  constructor(scope: Construct, id: string, { stage, bundles, data }: WorkflowStackProps) {
    super(scope, id);
    const fn = (entry: string, description: string, timeout?: Duration) =>
      new ServiceFunction(this, entry, {
        stage,
        bundles,
        entry,
        description,
        ...(timeout && { timeout }),
      });
    const queue = (id: string, workTimeout: Duration, maxReceiveCount: number, runbookSection: string) =>
      new WorkQueue(this, id, {
        encryptionKey: data.storageKey,
        workTimeout,
        maxReceiveCount,
        runbookSection,
      });

    const failedDeliveries = queue('FailedDeliveries', REDRIVE_TIMEOUT, 5, 'failed-deliveries');
    const confirmKeys = fn('confirm-keys', 'Makes a paid order’s keys the buyer’s');
    data.tables.orders.grant(confirmKeys, 'GetItem', 'UpdateItem');
    grantSaleOfKeys(data, confirmKeys);
    const completeDelivery = fn('complete-delivery', 'Marks an order as delivered');
    data.tables.orders.grant(completeDelivery, 'GetItem', 'UpdateItem');
    this.orderDelivery = new OrderDelivery(this, 'OrderDelivery', {
      stage,
      confirmKeys,
      completeDelivery,
      failedDeliveries,
    });

    const redrive = fn('failed-deliveries', 'Drives on deliveries that failed all retries', REDRIVE_TIMEOUT);
    data.tables.orders.grant(redrive, 'GetItem', 'UpdateItem');
    grantSaleOfKeys(data, redrive);
    failedDeliveries.workedBy(redrive, { batchSize: 1 });

    this.deadlines = queue('PaymentDeadlines', DEADLINE_TIMEOUT, 5, 'payment-deadlines');
    const deadline = fn('payment-deadlines', 'Expires orders that were not paid in time', DEADLINE_TIMEOUT);
    data.tables.orders.grant(deadline, 'GetItem', 'UpdateItem');
    grantReleaseOfKeys(data, deadline);
    this.deadlines.grantSend(deadline, environment.deadlineQueue);
    this.deadlines.workedBy(deadline, { batchSize: 10 });

    const sweepOrders = fn('sweep-orders', 'Finishes orders that crashes have left', SWEEP_TIMEOUT);
    data.tables.orders.grant(sweepOrders, 'GetItem', 'UpdateItem');
    data.tables.orders.grantIndexQuery(sweepOrders, tables.orders.index.name);
    grantReleaseOfKeys(data, sweepOrders);
    this.orderDelivery.grantStart(sweepOrders, environment.deliveryWorkflow);
    this.everyMinute(sweepOrders);

    const sweepHolds = fn('sweep-holds', 'Finds keys that crashes have left idle', SWEEP_TIMEOUT);
    data.tables.orders.grant(sweepHolds, 'GetItem');
    data.tables.vault.grant(
      sweepHolds,
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
    );
    this.everyMinute(sweepHolds);

    this.imports = queue('Imports', IMPORT_TIMEOUT, 5, 'imports');
    const importWorker = new ServiceFunction(this, 'import-worker', {
      stage,
      bundles,
      entry: 'import-worker',
      description: 'Checks, encrypts and stores imported card keys',
      timeout: IMPORT_TIMEOUT,
      memorySize: 1024,
      environment: {
        [environment.cardKeysKey]: data.cardKeysKey.keyArn,
        [environment.macKey]: data.macKey.keyArn,
      },
    });
    data.tables.vault.grant(
      importWorker,
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'BatchWriteItem',
    );
    data.tables.secrets.grant(importWorker, 'BatchWriteItem');
    importWorker.allow([data.cardKeysKey.keyArn], ['kms:GenerateDataKey']);
    importWorker.allow([data.macKey.keyArn], ['kms:GenerateMac']);
    grantFiles(data, importWorker, {
      uploads: ['Get', 'Delete'],
      pieces: ['Get', 'Put', 'Delete'],
      verdicts: ['Get', 'Put'],
    });
    this.imports.grantSend(importWorker, environment.importQueue);
    this.imports.workedBy(importWorker, { batchSize: 1, maxConcurrency: 10 });
  }

  private everyMinute(fn: ServiceFunction): void {
    const role = new Role(this, `${fn.node.id}-schedule-role`, {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
      inlinePolicies: {
        invoke: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['lambda:InvokeFunction'],
              resources: [fn.function.functionArn],
            }),
          ],
        }),
      },
    });
    new Schedule(this, `${fn.node.id}-schedule`, {
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      // The target would allow itself the function's versions too.
      target: new LambdaInvoke(fn.function, { retryAttempts: 0, role: role.withoutPolicyUpdates() }),
      description: 'A run that fails is made up for by the next one.',
    });
  }
}
