import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function';

export interface WorkQueueProps {
  readonly encryptionKey: IKey;
  /** Of the function that works on the messages: they stay hidden six times as long, as AWS advises. */
  readonly workTimeout: Duration;
  /** Attempts before a message is put aside. */
  readonly maxReceiveCount: number;
  /** The runbook's section about messages that were put aside. */
  readonly runbookSection: string;
}

/** How long messages wait for somebody to look after them. */
const RETENTION = Duration.days(14);

/** A queue, where its failed messages go, and the alarm about them: always together. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.encryptionKey = props.encryptionKey;
    const encrypted = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.encryptionKey,
      dataKeyReuse: Duration.minutes(5),
      enforceSSL: true,
      retentionPeriod: RETENTION,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', encrypted);
    this.queue = new Queue(this, 'Queue', {
      ...encrypted,
      visibilityTimeout: Duration.seconds(props.workTimeout.toSeconds() * 6),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount },
    });
    new Alarm(this, 'DeadLettersAlarm', {
      alarmDescription: `Messages of ${id} were put aside after ${props.maxReceiveCount} attempts. Runbook: docs/runbook.md#${props.runbookSection}`,
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** Lets a function work on the messages, at most `maxConcurrency` at a time. */
  workedBy(fn: ServiceFunction, options: { batchSize: number; maxConcurrency?: number }): void {
    fn.allow([this.queue.queueArn], ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']);
    fn.allowKeyThrough(this.encryptionKey.keyArn, ['sqs'], ['kms:Decrypt']);
    new EventSourceMapping(this, 'Worker', {
      ...options,
      target: fn.function,
      eventSourceArn: this.queue.queueArn,
      reportBatchItemFailures: true,
    });
  }

  /** Tells a function the queue's URL and lets it send. */
  grantSend(fn: ServiceFunction, variable: string): void {
    fn.function.addEnvironment(variable, this.queue.queueUrl);
    fn.allow([this.queue.queueArn], ['sqs:SendMessage']);
    fn.allowKeyThrough(this.encryptionKey.keyArn, ['sqs'], ['kms:GenerateDataKey', 'kms:Decrypt']);
  }
}
