import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { ACCOUNT_ID, arnOf, REGION, type ResourceDefinition } from '../aws';
import { parseProperties, withoutEffect } from './resource-properties';
import { isoSeconds, parseScheduleExpression, type Recurrence } from './schedule-expression';

/** A schedule as its template describes it. */
export interface ScheduleDefinition {
  readonly arn: string;
  readonly name: string;
  readonly group: string;
  readonly expression: string;
  readonly timezone: string;
  readonly enabled: boolean;
  readonly recurrence: Recurrence;
  readonly targetArn: string;
  /** May hold context attributes such as `<aws.scheduler.scheduled-time>`. */
  readonly input: string | undefined;
  readonly deadLetterArn: string | undefined;
  readonly retries: number;
  readonly maximumAgeMs: number;
}

/** One run that is due. It keeps its id through every attempt, also over a restart. */
export interface Run {
  /** When it was due, in milliseconds since 1970. */
  readonly scheduledAt: number;
  readonly executionId: string;
}

export const newRun = (scheduledAt: number): Run => ({ scheduledAt, executionId: randomUUID() });

export const DEFAULT_GROUP = 'default';

const TARGET_ARN = /^arn:aws:(lambda|states|sqs):/;

const properties = z.strictObject({
  Name: z.string().optional(),
  Description: withoutEffect,
  GroupName: z.string().default(DEFAULT_GROUP),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  // A run may come at any time of its window: locally it comes at the beginning.
  FlexibleTimeWindow: z.strictObject({
    Mode: z.enum(['OFF', 'FLEXIBLE']),
    MaximumWindowInMinutes: z.coerce.number().optional(),
  }),
  Target: z.strictObject({
    Arn: z.string().regex(TARGET_ARN, 'only functions, state machines and queues are targets here'),
    RoleArn: z.string(),
    Input: z.string().optional(),
    RetryPolicy: z
      .strictObject({
        MaximumEventAgeInSeconds: z.coerce.number().int().min(60).max(86_400).default(86_400),
        MaximumRetryAttempts: z.coerce.number().int().min(0).max(185).default(185),
      })
      .prefault({}),
    DeadLetterConfig: z.strictObject({ Arn: z.string().optional() }).optional(),
  }),
});

/** Reads a template's schedule. Throws an Error that names the resource and what is not emulated. */
export function scheduleOf(resource: ResourceDefinition): ScheduleDefinition {
  const { Target: target, ...schedule } = parseProperties(resource, properties);
  const { Name: name = resource.physicalName, GroupName: group } = schedule;
  const { ScheduleExpression: expression, ScheduleExpressionTimezone: timezone } = schedule;
  try {
    if (target.Input !== undefined && !target.Arn.startsWith('arn:aws:sqs:')) JSON.parse(target.Input);
    return {
      arn: arnOf('scheduler', `schedule/${group}/${name}`),
      name,
      group,
      expression,
      timezone,
      enabled: schedule.State === 'ENABLED',
      recurrence: parseScheduleExpression(expression, timezone),
      targetArn: target.Arn,
      input: target.Input,
      deadLetterArn: target.DeadLetterConfig?.Arn,
      retries: target.RetryPolicy.MaximumRetryAttempts,
      maximumAgeMs: target.RetryPolicy.MaximumEventAgeInSeconds * 1000,
    };
  } catch (error) {
    throw new Error(
      `${resource.type} ${resource.logicalId}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** What the target receives: the schedule's input with the context attributes filled in, or the default event. */
export function inputOf(schedule: ScheduleDefinition, run: Run, attempt: number): string {
  const attributes: Readonly<Record<string, string>> = {
    'schedule-arn': schedule.arn,
    'scheduled-time': isoSeconds(run.scheduledAt),
    'execution-id': run.executionId,
    'attempt-number': String(attempt),
  };
  return (schedule.input ?? defaultInput(schedule, run)).replace(
    /<aws\.scheduler\.([a-z-]+)>/g,
    (placeholder, name: string) => attributes[name] ?? placeholder,
  );
}

const defaultInput = ({ arn }: ScheduleDefinition, { executionId, scheduledAt }: Run): string =>
  JSON.stringify({
    version: '0',
    id: executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: ACCOUNT_ID,
    time: isoSeconds(scheduledAt),
    region: REGION,
    resources: [arn],
    detail: '{}',
  });
