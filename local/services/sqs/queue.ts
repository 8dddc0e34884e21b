import { randomUUID } from 'node:crypto';
import { type AwsError, arnOf, type Log } from '../../aws';
import type { DurableMap } from '../../state/durable-map';
import type { Deduplication } from './deduplication';
import { invalidValue, messageNotInFlight, purgeInProgress, receiptHandleIsInvalid } from './errors';
import { byArrival, type Message, type ReceivedMessage, sizeOf, stateOf } from './message';
import { assertAcceptable, deduplicationIdOf, type NewMessage } from './new-message';
import type { QueueSettings } from './queue-settings';
import { type ReceiveOptions, type TakeOptions, WaitingReceivers } from './waiting-receivers';

/** What all queues share. */
export interface QueueContext {
  /** The messages of all queues by id, so that one write moves a message from queue to queue. */
  readonly messages: DurableMap<Message>;
  readonly deduplication: Deduplication;
  readonly queueByArn: (arn: string) => Queue | undefined;
  readonly log: Log;
  readonly now: () => number;
}

export interface SentMessage {
  readonly id: string;
  readonly sequenceNumber?: string | undefined;
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** How long the oldest message has been in this queue, in whole seconds; undefined when the queue is empty. */
  readonly oldestAgeSeconds: number | undefined;
}

const PURGE_INTERVAL_MS = 60_000;

/** One queue: its messages in their order, and the receivers that wait for them. */
export class Queue {
  readonly arn: string;
  readonly #messages = new Map<string, Message>();
  readonly #receivers = new WaitingReceivers(
    (options) => this.#take(options),
    () => this.#untilNext(),
  );
  #earliestSentAt = 0;
  #lastSequenceNumber = 0n;
  #purgedAt = Number.NEGATIVE_INFINITY;
  #ended: AwsError | undefined;

  constructor(
    readonly name: string,
    public settings: QueueSettings,
    private readonly context: QueueContext,
  ) {
    this.arn = arnOf('sqs', name);
    const own = [...context.messages.values()].filter(({ queue }) => queue === name);
    for (const message of own.sort(byArrival)) this.#restore(message);
  }

  /** @throws AwsError as SendMessage does */
  send(message: NewMessage): SentMessage {
    this.#assertUsable();
    assertAcceptable(message, this.settings);
    const { deduplication } = this.context;
    const now = this.context.now();
    const id = randomUUID();
    const fifo = this.settings.fifo && {
      deduplicationId: deduplicationIdOf(message, this.settings),
      sequenceNumber: this.#nextSequenceNumber(),
    };
    const earlier = fifo && deduplication.find(this.name, fifo.deduplicationId);
    if (earlier) return { id: earlier.messageId, sequenceNumber: earlier.sequenceNumber };
    this.#enter({
      id,
      queue: this.name,
      body: message.body,
      attributes: message.attributes ?? {},
      traceHeader: message.traceHeader,
      groupId: message.groupId,
      ...fifo,
      sentAt: now,
      enteredAt: now,
      visibleAt: now + (message.delaySeconds ?? this.settings.delaySeconds) * 1000,
      receiveCount: 0,
      receivedElsewhere: 0,
    });
    if (!fifo) return { id };
    deduplication.remember(this.name, fifo.deduplicationId, { messageId: id, sentAt: now, ...fifo });
    return { id, sequenceNumber: fifo.sequenceNumber };
  }

  /** Answers at once when a message is visible, else when one becomes visible or the time is over. */
  async receive(options: ReceiveOptions): Promise<ReceivedMessage[]> {
    this.#assertUsable();
    const { waitSeconds = this.settings.receiveWaitSeconds, signal } = options;
    if (signal?.aborted) return [];
    const messages = this.#take(options);
    if (messages.length > 0 || waitSeconds <= 0) return messages;
    return this.#receivers.wait(options, waitSeconds, signal);
  }

  /** Deletes a received message. An outdated handle deletes nothing; a FIFO queue refuses it. */
  delete(receiptHandle: string): void {
    this.#assertUsable();
    const message = this.#byHandle(receiptHandle);
    if (message === undefined) return;
    if (this.settings.fifo && message.visibleAt <= this.context.now()) {
      throw invalidValue(receiptHandle, 'ReceiptHandle', 'The receipt handle has expired.');
    }
    this.#remove(message);
    this.#receivers.serve();
  }

  /** Hides a received message for so many seconds from now; 0 shows it at once. */
  changeVisibility(receiptHandle: string, seconds: number): void {
    this.#assertUsable();
    const message = this.#byHandle(receiptHandle);
    if (message === undefined) {
      throw invalidValue(
        receiptHandle,
        'ReceiptHandle',
        'Message does not exist or is not available for visibility timeout change.',
      );
    }
    const now = this.context.now();
    if (message.visibleAt <= now) throw messageNotInFlight();
    this.#save({ ...message, visibleAt: now + seconds * 1000 });
    this.#receivers.serve();
  }

  /** Undoes the receiving of a message that reached nobody: it does not count as an attempt. */
  putBack(message: ReceivedMessage): void {
    this.#assertUsable();
    if (this.#byHandle(message.receiptHandle) === undefined) return;
    this.#save({
      ...message,
      receiptHandle: undefined,
      visibleAt: this.context.now(),
      receiveCount: message.receiveCount - 1,
    });
    this.#receivers.serve();
  }

  /** Shows all messages in flight again: for a queue whose only receivers are gone. The attempts count. */
  showInFlight(): void {
    const now = this.context.now();
    for (const message of this.messages()) {
      if (stateOf(message, now) === 'inFlight') this.#save({ ...message, visibleAt: now });
    }
    this.#receivers.serve();
  }

  /** Sends a message of this dead-letter queue to `target` as a new message, as a redrive does. */
  redrive(message: Message, target: Queue): void {
    this.#assertUsable();
    const now = target.context.now();
    target.#enter({
      ...message,
      id: randomUUID(),
      queue: target.name,
      sequenceNumber: target.settings.fifo ? target.#nextSequenceNumber() : undefined,
      sentAt: now,
      enteredAt: now,
      visibleAt: now,
      receiveCount: 0,
      receivedElsewhere: 0,
      firstReceivedAt: undefined,
      receiptHandle: undefined,
      deadLetterSourceArn: undefined,
    });
    this.#remove(message);
  }

  /** @throws AwsError PurgeQueueInProgress when the queue was purged in the last minute */
  purge(): void {
    this.#assertUsable();
    const now = this.context.now();
    if (now - this.#purgedAt < PURGE_INTERVAL_MS) throw purgeInProgress(this.name);
    this.#purgedAt = now;
    for (const message of [...this.#messages.values()]) this.#remove(message);
  }

  /** All messages in their order, the hidden ones too. */
  messages(): readonly Message[] {
    this.#expire();
    return [...this.#messages.values()];
  }

  counts(): QueueCounts {
    const now = this.context.now();
    const counts = { visible: 0, inFlight: 0, delayed: 0 };
    let oldest = Number.POSITIVE_INFINITY;
    for (const message of this.messages()) {
      counts[stateOf(message, now)] += 1;
      oldest = Math.min(oldest, message.enteredAt);
    }
    const age = Math.max(0, Math.floor((now - oldest) / 1000));
    return { ...counts, oldestAgeSeconds: Number.isFinite(oldest) ? age : undefined };
  }

  /** Dismisses waiting receivers with no messages and refuses everything from now on with `reason`. */
  end(reason: AwsError): void {
    this.#ended = reason;
    this.#receivers.dismiss();
  }

  #take({ max, visibilitySeconds, maxBytes = Number.POSITIVE_INFINITY }: TakeOptions): ReceivedMessage[] {
    this.#expire();
    const now = this.context.now();
    const hiddenFor = (visibilitySeconds ?? this.settings.visibilitySeconds) * 1000;
    const heldGroups = this.#groupsInFlight(now);
    const taken: ReceivedMessage[] = [];
    let bytes = 0;
    for (const message of this.#messages.values()) {
      if (taken.length >= max || bytes >= maxBytes) break;
      const { groupId } = message;
      if (groupId !== undefined && heldGroups.has(groupId)) continue;
      if (message.visibleAt > now) {
        if (this.settings.fifo && groupId !== undefined) heldGroups.add(groupId);
        continue;
      }
      if (this.#moveToDeadLetters(message)) continue;
      const received = {
        ...message,
        receiveCount: message.receiveCount + 1,
        firstReceivedAt: message.firstReceivedAt ?? now,
        receiptHandle: Buffer.from(`${message.id}/${randomUUID()}`).toString('base64url'),
        visibleAt: now + hiddenFor,
      };
      this.#save(received);
      taken.push(received);
      bytes += sizeOf(received);
    }
    return taken;
  }

  /** A message group of a FIFO queue waits until its messages in flight are deleted or visible again. */
  #groupsInFlight(now: number): Set<string> {
    const groups = new Set<string>();
    if (!this.settings.fifo) return groups;
    for (const message of this.#messages.values()) {
      if (stateOf(message, now) === 'inFlight') groups.add(message.groupId ?? '');
    }
    return groups;
  }

  /** As in AWS it happens at the receive after the last one allowed. Without its target the message stays. */
  #moveToDeadLetters(message: Message): boolean {
    const { redrive } = this.settings;
    if (redrive === undefined) return false;
    if (message.receiveCount - message.receivedElsewhere < redrive.maxReceiveCount) return false;
    const target = this.context.queueByArn(redrive.deadLetterTargetArn);
    if (target === undefined) return false;
    const now = this.context.now();
    this.#messages.delete(message.id);
    target.#enter({
      ...message,
      queue: target.name,
      enteredAt: now,
      visibleAt: now,
      receivedElsewhere: message.receiveCount,
      receiptHandle: undefined,
      deadLetterSourceArn: this.arn,
      ...(target.settings.fifo && {
        sentAt: now,
        deduplicationId: message.id,
        sequenceNumber: target.#nextSequenceNumber(),
      }),
    });
    this.context.log('sqs', `a message of ${this.name} moved to the dead-letter queue ${target.name}`, {
      messageId: message.id,
      receiveCount: message.receiveCount,
    });
    return true;
  }

  #byHandle(receiptHandle: string): Message | undefined {
    const [id, receive] = Buffer.from(receiptHandle, 'base64url').toString().split('/');
    if (id === undefined || receive === undefined) throw receiptHandleIsInvalid(receiptHandle);
    this.#expire();
    const message = this.#messages.get(id);
    return message?.receiptHandle === receiptHandle ? message : undefined;
  }

  #enter(message: Message): void {
    this.#save(message);
    this.#receivers.serve();
  }

  #save(message: Message): void {
    this.#messages.set(message.id, message);
    this.context.messages.set(message.id, message);
    this.#earliestSentAt = Math.min(this.#earliestSentAt, message.sentAt);
  }

  #remove(message: Message): void {
    this.#messages.delete(message.id);
    this.context.messages.delete(message.id);
  }

  /** A kill between the two writes of `send` leaves a FIFO message without its deduplication entry. */
  #restore(message: Message): void {
    this.#messages.set(message.id, message);
    const { id, sentAt, deduplicationId, sequenceNumber } = message;
    if (deduplicationId === undefined || sequenceNumber === undefined) return;
    this.#lastSequenceNumber = BigInt(sequenceNumber);
    if (this.context.deduplication.find(this.name, deduplicationId)) return;
    this.context.deduplication.remember(this.name, deduplicationId, {
      messageId: id,
      sequenceNumber,
      sentAt,
    });
  }

  /** Drops what is past the retention period; looks through the messages only when one can be. */
  #expire(): void {
    const sentBefore = this.context.now() - this.settings.retentionSeconds * 1000;
    if (this.#earliestSentAt > sentBefore) return;
    this.#earliestSentAt = Number.POSITIVE_INFINITY;
    for (const message of [...this.#messages.values()]) {
      if (message.sentAt <= sentBefore) this.#remove(message);
      else this.#earliestSentAt = Math.min(this.#earliestSentAt, message.sentAt);
    }
  }

  #untilNext(): number {
    const now = this.context.now();
    let next = Number.POSITIVE_INFINITY;
    for (const { visibleAt } of this.#messages.values())
      if (visibleAt > now) next = Math.min(next, visibleAt);
    return next - now;
  }

  /** Grows with the clock, so that it also grows over restarts that find the queue empty. */
  #nextSequenceNumber(): string {
    const byClock = BigInt(this.context.now()) * 1_000_000n;
    this.#lastSequenceNumber = byClock > this.#lastSequenceNumber ? byClock : this.#lastSequenceNumber + 1n;
    return String(this.#lastSequenceNumber).padStart(20, '0');
  }

  #assertUsable(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }
}
