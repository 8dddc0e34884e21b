import * as z from 'zod';
import { arnOf, type Log, type Provisioners, type ResourceDefinition } from '../aws';
import { DurableMap } from '../state/durable-map';
import { parseProperties, withoutEffect } from './resource-properties';
import {
  DEFAULT_GROUP,
  inputOf,
  newRun,
  type Run,
  type ScheduleDefinition,
  scheduleOf,
} from './schedule-definition';

/** Looked at anew at least this often: a computer that slept, or whose clock was set, must not oversleep. */
const LONGEST_TIMER_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

export interface SchedulerOptions {
  /** Hands the input to a function, state machine or queue. Rejects when the target did not take it. */
  readonly fire: (targetArn: string, input: string) => Promise<unknown>;
  readonly log: Log;
  /** File of the next run times; without it they are forgotten. */
  readonly statePath?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** How the latest run of a schedule ended. */
export interface ScheduleRun {
  readonly scheduledAt: number;
  readonly finishedAt: number;
  readonly attempts: number;
  readonly outcome: 'delivered' | 'dead-lettered' | 'failed';
  /** Why the last attempt failed. */
  readonly error?: string;
}

/** One schedule as the operations page shows it. Times are milliseconds since 1970. */
export interface ScheduleSummary {
  readonly arn: string;
  readonly name: string;
  readonly group: string;
  readonly expression: string;
  readonly timezone: string;
  readonly enabled: boolean;
  readonly targetArn: string;
  /** Absent when disabled or over. */
  readonly nextRun?: number | undefined;
  readonly lastRun?: ScheduleRun | undefined;
}

/** A run on its way to the target. It stays until the target took it or no attempt is left. */
interface Delivery extends Run {
  readonly since: number;
  readonly attempts: number;
  readonly tryAt: number;
}

interface ScheduleState {
  /** Tells a schedule that was changed in the template: it starts anew. */
  readonly timing: string;
  readonly nextRun?: number | undefined;
  readonly delivery?: Delivery | undefined;
  readonly lastRun?: ScheduleRun | undefined;
}

const groupProperties = z.strictObject({ Name: z.string().optional(), Tags: withoutEffect });

/**
 * EventBridge Scheduler. Delivers at least once, as AWS does: a run that a killed process was delivering is delivered
 * again with the same execution id, and a run that was missed while nothing ran comes once, soon after the start.
 * A schedule delivers one run at a time.
 */
export class Scheduler {
  readonly provisioners: Provisioners = {
    'AWS::Scheduler::ScheduleGroup': (resource) => {
      const name = parseProperties(resource, groupProperties).Name ?? resource.physicalName;
      this.#groups.add(name);
      return {
        ref: name,
        attributes: { Arn: arnOf('scheduler', `schedule-group/${name}`), State: 'ACTIVE' },
      };
    },
    'AWS::Scheduler::Schedule': (resource) => {
      const { name, arn } = this.#provision(resource);
      return { ref: name, attributes: { Arn: arn } };
    },
  };

  readonly #groups = new Set([DEFAULT_GROUP]);
  readonly #schedules = new Map<string, ScheduleDefinition>();
  readonly #states: DurableMap<ScheduleState>;
  readonly #delivering = new Set<string>();
  readonly #fire: SchedulerOptions['fire'];
  readonly #log: Log;
  readonly #now: () => number;
  #running = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ fire, log, statePath, now = Date.now }: SchedulerOptions) {
    this.#fire = fire;
    this.#log = log;
    this.#now = now;
    this.#states = new DurableMap(statePath);
  }

  /** Begins to fire. Call it when the template is provisioned: schedules that are not there any more are forgotten. */
  start(): void {
    for (const arn of [...this.#states.keys()]) if (!this.#schedules.has(arn)) this.#states.delete(arn);
    this.#running = true;
    this.#tick();
  }

  /** Ends all timers. What is being delivered is not waited for; the next start delivers it again. */
  close(): void {
    if (this.#running) clearTimeout(this.#timer);
    this.#running = false;
    this.#states.close();
  }

  schedules(): ScheduleSummary[] {
    return [...this.#schedules.values()].map(
      ({ arn, name, group, expression, timezone, enabled, targetArn }) => {
        const { nextRun, lastRun } = this.#states.get(arn) ?? {};
        return { arn, name, group, expression, timezone, enabled, targetArn, nextRun, lastRun };
      },
    );
  }

  #provision(resource: ResourceDefinition): ScheduleDefinition {
    const schedule = scheduleOf(resource);
    const { arn, group, expression, timezone, enabled, recurrence } = schedule;
    if (!this.#groups.has(group)) {
      throw new Error(`${resource.type} ${resource.logicalId}: the schedule group "${group}" does not exist`);
    }
    this.#schedules.set(arn, schedule);
    const timing = JSON.stringify([expression, timezone, enabled]);
    const earlier = this.#states.get(arn);
    if (earlier?.timing !== timing) {
      const nextRun = enabled ? recurrence.first(this.#now()) : undefined;
      this.#states.set(arn, { timing, nextRun, lastRun: earlier?.lastRun });
    }
    if (this.#running) this.#tick();
    return schedule;
  }

  /** Begins what is due and sets the one timer for what is due next. */
  #tick(): void {
    clearTimeout(this.#timer);
    const now = this.#now();
    let next = now + LONGEST_TIMER_MS;
    for (const schedule of this.#schedules.values()) {
      if (this.#delivering.has(schedule.arn)) continue;
      const due = this.#due(schedule, now);
      if (due === undefined) continue;
      if (due.tryAt <= now && 'executionId' in due) void this.#deliver(schedule, due);
      else next = Math.min(next, due.tryAt);
    }
    this.#timer = setTimeout(() => this.#tick(), next - now);
  }

  /** The delivery to go on with, which may have to wait for its next attempt, or when the next run is. */
  #due({ arn, recurrence }: ScheduleDefinition, now: number): Delivery | { tryAt: number } | undefined {
    const state = this.#states.get(arn);
    if (state?.delivery !== undefined || state?.nextRun === undefined) return state?.delivery;
    if (state.nextRun > now) return { tryAt: state.nextRun };
    const delivery = { ...newRun(state.nextRun), since: now, attempts: 0, tryAt: now };
    // One write: whatever happens after it, this run is delivered and the next one is known.
    this.#states.set(arn, { ...state, delivery, nextRun: recurrence.following(state.nextRun, now) });
    return delivery;
  }

  async #deliver(schedule: ScheduleDefinition, delivery: Delivery): Promise<void> {
    const { arn, targetArn } = schedule;
    const attempts = delivery.attempts + 1;
    this.#delivering.add(arn);
    const error = await this.#refusal(targetArn, inputOf(schedule, delivery, attempts));
    const now = this.#now();
    if (!this.#running) return;
    if (error === undefined) {
      this.#finish(schedule, delivery, { attempts, outcome: 'delivered' });
    } else if (attempts <= schedule.retries && now - delivery.since < schedule.maximumAgeMs) {
      const tryAt = now + Math.min(FIRST_RETRY_MS * 2 ** delivery.attempts, LONGEST_RETRY_MS);
      this.#update(arn, { delivery: { ...delivery, attempts, tryAt } });
      this.#log('scheduler', `${schedule.name} is tried again: ${error}`, { attempts, targetArn });
    } else {
      const outcome = await this.#giveUp(schedule, inputOf(schedule, delivery, attempts));
      if (!this.#running) return;
      this.#finish(schedule, delivery, { attempts, outcome, error });
      this.#log('scheduler', `${schedule.name} ${outcome}: ${error}`, { attempts, targetArn });
    }
    this.#delivering.delete(arn);
    this.#tick();
  }

  async #giveUp({ deadLetterArn }: ScheduleDefinition, input: string): Promise<'dead-lettered' | 'failed'> {
    if (deadLetterArn === undefined) return 'failed';
    const refused = await this.#refusal(deadLetterArn, input);
    if (refused === undefined) return 'dead-lettered';
    this.#log('scheduler', `the dead-letter queue did not take the run: ${refused}`, { deadLetterArn });
    return 'failed';
  }

  /** Why the target did not take the input; undefined when it did. */
  async #refusal(targetArn: string, input: string): Promise<string | undefined> {
    try {
      await this.#fire(targetArn, input);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #finish(
    { arn }: ScheduleDefinition,
    { scheduledAt }: Delivery,
    result: Pick<ScheduleRun, 'attempts' | 'outcome' | 'error'>,
  ): void {
    this.#update(arn, { delivery: undefined, lastRun: { scheduledAt, finishedAt: this.#now(), ...result } });
  }

  #update(arn: string, change: Partial<ScheduleState>): void {
    const state = this.#states.get(arn);
    if (state !== undefined) this.#states.set(arn, { ...state, ...change });
  }
}
