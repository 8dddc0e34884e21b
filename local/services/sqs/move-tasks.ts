import { randomUUID } from 'node:crypto';
import { invalidParameter, resourceNotFound } from './errors';
import { stateOf } from './message';
import type { Queue } from './queue';

/** A redrive as ListMessageMoveTasks answers it. It runs at once, so it is never seen running. */
export interface MoveTask {
  readonly Status: 'COMPLETED' | 'FAILED';
  readonly SourceArn: string;
  readonly DestinationArn?: string | undefined;
  readonly ApproximateNumberOfMessagesMoved: number;
  readonly ApproximateNumberOfMessagesToMove: number;
  readonly FailureReason?: string;
  /** Milliseconds since 1970. */
  readonly StartedTimestamp: number;
}

/** Redrives of dead-letter queues back to the queues that the messages came from, or to another one. */
export class MoveTasks {
  /** The latest first. */
  readonly #tasks: MoveTask[] = [];

  constructor(
    private readonly queueByArn: (arn: string) => Queue | undefined,
    private readonly isDeadLetterQueue: (queue: Queue) => boolean,
    private readonly now: () => number,
  ) {}

  /** Moves all visible messages and answers the handle of the task. */
  start(sourceArn: string, destinationArn?: string): string {
    const source = this.#deadLetterQueue(sourceArn);
    const destination = destinationArn === undefined ? undefined : this.queueByArn(destinationArn);
    if (destinationArn !== undefined && destination === undefined) throw resourceNotFound('DestinationArn');
    if (destination === source)
      throw invalidParameter('Source queue arn and destination queue arn cannot match.');
    if (destination !== undefined && destination.settings.fifo !== source.settings.fifo) {
      throw invalidParameter('Source queue and destination queue must have the same queue type.');
    }
    const startedAt = this.now();
    const messages = source.messages().filter((message) => stateOf(message, startedAt) === 'visible');
    let moved = 0;
    for (const message of messages) {
      const target = destination ?? this.queueByArn(message.deadLetterSourceArn ?? '');
      if (target === undefined) break;
      source.redrive(message, target);
      moved += 1;
    }
    this.#tasks.unshift({
      Status: moved === messages.length ? 'COMPLETED' : 'FAILED',
      SourceArn: sourceArn,
      DestinationArn: destinationArn,
      ApproximateNumberOfMessagesMoved: moved,
      ApproximateNumberOfMessagesToMove: messages.length,
      ...(moved < messages.length && { FailureReason: 'CouldNotDetermineMessageSource' }),
      StartedTimestamp: startedAt,
    });
    return randomUUID();
  }

  list(sourceArn: string, max: number): MoveTask[] {
    this.#deadLetterQueue(sourceArn);
    return this.#tasks.filter(({ SourceArn }) => SourceArn === sourceArn).slice(0, max);
  }

  #deadLetterQueue(arn: string): Queue {
    const queue = this.queueByArn(arn);
    if (queue === undefined) throw resourceNotFound('SourceArn');
    if (!this.isDeadLetterQueue(queue)) {
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    }
    return queue;
  }
}
