import { arnOf, type Log } from '../../aws';
import { DurableMap } from '../../state/durable-map';
import { Deduplication, type SentOnce } from './deduplication';
import {
  closed,
  invalidAttributeValue,
  invalidParameter,
  queueDoesNotExist,
  queueNameExists,
} from './errors';
import type { Message } from './message';
import { Queue, type QueueContext } from './queue';
import { changed, type QueueAttributes, settingsOf, withDefaults } from './queue-settings';

/** A queue with what was said when it was created. Times are milliseconds since 1970. */
export interface RegisteredQueue {
  readonly queue: Queue;
  readonly attributes: QueueAttributes;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Created by a template, which creates it again at the next start; others are kept with the state. */
  readonly fromTemplate: boolean;
}

type KeptQueue = Omit<RegisteredQueue, 'queue' | 'fromTemplate'>;

interface RegistryOptions {
  readonly statePath: (name: string) => string | undefined;
  readonly log: Log;
  readonly now: () => number;
}

const NAME = /^(?=.{1,80}$)[\w-]+(\.fifo)?$/;
const ARN_PREFIX = arnOf('sqs', '');

/** All queues by name, and the files their state is in. */
export class QueueRegistry {
  readonly #queues = new Map<string, RegisteredQueue>();
  readonly #kept: DurableMap<KeptQueue>;
  readonly #messages: DurableMap<Message>;
  readonly #accepted: DurableMap<SentOnce>;
  readonly #context: QueueContext;

  constructor({ statePath, log, now }: RegistryOptions) {
    this.#kept = new DurableMap(statePath('sqs-queues'));
    this.#messages = new DurableMap(statePath('sqs-messages'));
    this.#accepted = new DurableMap(statePath('sqs-deduplication'));
    this.#context = {
      messages: this.#messages,
      deduplication: new Deduplication(this.#accepted, now),
      queueByArn: (arn) => this.byArn(arn),
      log,
      now,
    };
    for (const [name, kept] of this.#kept.entries()) {
      const queue = new Queue(name, settingsOf(name, kept.attributes), this.#context);
      this.#queues.set(name, { ...kept, queue, fromTemplate: false });
    }
  }

  /** CreateQueue: the queue may exist with the same attributes, but not with others. */
  create(name: string, attributes: QueueAttributes): RegisteredQueue {
    const existing = this.#queues.get(name);
    if (existing === undefined) return this.#put(name, attributes, false);
    const actual = withDefaults(existing.attributes);
    const different = Object.keys(attributes).find(
      (attribute) => attributes[attribute] !== actual[attribute],
    );
    if (different !== undefined) throw queueNameExists(different);
    return existing;
  }

  /** Creates the queue of a template, or gives it the template's attributes. */
  provision(name: string, attributes: QueueAttributes): RegisteredQueue {
    return this.#put(name, attributes, true);
  }

  /** SetQueueAttributes; an empty value takes an attribute away. */
  change(name: string, changes: QueueAttributes): void {
    const { attributes, fromTemplate } = this.byName(name);
    this.#put(name, changed(attributes, changes), fromTemplate);
  }

  remove(name: string): void {
    const { queue } = this.byName(name);
    for (const { id } of queue.messages()) this.#messages.delete(id);
    this.#context.deduplication.forgetQueue(name);
    queue.end(queueDoesNotExist());
    this.#queues.delete(name);
    this.#kept.delete(name);
  }

  /** @throws AwsError QueueDoesNotExist */
  byName(name: string): RegisteredQueue {
    const registered = this.#queues.get(name);
    if (registered === undefined) throw queueDoesNotExist();
    return registered;
  }

  byArn(arn: string): Queue | undefined {
    return arn.startsWith(ARN_PREFIX) ? this.#queues.get(arn.slice(ARN_PREFIX.length))?.queue : undefined;
  }

  /** By name. */
  all(): RegisteredQueue[] {
    return [...this.#queues.values()].sort((one, other) => (one.queue.name < other.queue.name ? -1 : 1));
  }

  /** The queues whose dead letters go to `queue`. */
  sourcesOf(queue: Queue): Queue[] {
    return this.all()
      .map((registered) => registered.queue)
      .filter(({ settings }) => settings.redrive?.deadLetterTargetArn === queue.arn);
  }

  close(): void {
    for (const { queue } of this.#queues.values()) queue.end(closed());
    this.#kept.close();
    this.#messages.close();
    this.#accepted.close();
  }

  #put(name: string, attributes: QueueAttributes, fromTemplate: boolean): RegisteredQueue {
    if (!NAME.test(name)) {
      throw invalidParameter(
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.',
      );
    }
    const settings = settingsOf(name, attributes);
    const { redrive } = settings;
    if (redrive !== undefined) this.#assertTakesDeadLetters(redrive.deadLetterTargetArn, name, settings.fifo);
    const now = this.#context.now();
    const existing = this.#queues.get(name);
    const queue = existing?.queue ?? new Queue(name, settings, this.#context);
    queue.settings = settings;
    const kept = { attributes, createdAt: existing?.createdAt ?? now, modifiedAt: now };
    const registered = { ...kept, queue, fromTemplate };
    this.#queues.set(name, registered);
    if (!fromTemplate) this.#kept.set(name, kept);
    else this.#kept.delete(name);
    return registered;
  }

  #assertTakesDeadLetters(targetArn: string, sourceName: string, fifo: boolean): void {
    const target = this.byArn(targetArn);
    const sourceArn = arnOf('sqs', sourceName);
    if (target === undefined || targetArn === sourceArn) {
      throw invalidAttributeValue('RedrivePolicy', `Dead letter target ${targetArn} does not exist.`);
    }
    if (target.settings.fifo !== fifo) {
      throw invalidAttributeValue('RedrivePolicy', 'The dead-letter queue must be of the same type.');
    }
    const allow = target.settings.redriveAllow;
    const allowed =
      allow?.redrivePermission === 'byQueue'
        ? allow.sourceQueueArns.includes(sourceArn)
        : allow?.redrivePermission !== 'denyAll';
    if (!allowed) {
      throw invalidAttributeValue(
        'RedrivePolicy',
        `${target.name} does not allow ${sourceName} as a source.`,
      );
    }
  }
}
