import type { DurableMap } from '../../state/durable-map';

/** What a FIFO queue remembers of a message, even after it was deleted. */
export interface SentOnce {
  readonly messageId: string;
  readonly sequenceNumber: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
}

const WINDOW_MS = 5 * 60_000;

/** The deduplication ids that FIFO queues accepted in the last five minutes. */
export class Deduplication {
  constructor(
    private readonly accepted: DurableMap<SentOnce>,
    private readonly now: () => number,
  ) {}

  find(queue: string, deduplicationId: string): SentOnce | undefined {
    this.#forgetOld();
    const sent = this.accepted.get(`${queue}/${deduplicationId}`);
    return sent !== undefined && this.#isRecent(sent) ? sent : undefined;
  }

  remember(queue: string, deduplicationId: string, sent: SentOnce): void {
    if (this.#isRecent(sent)) this.accepted.set(`${queue}/${deduplicationId}`, sent);
  }

  forgetQueue(queue: string): void {
    for (const key of this.accepted.keys()) if (key.startsWith(`${queue}/`)) this.accepted.delete(key);
  }

  /** Entries come nearly in the order of their times: the first recent one ends the search. */
  #forgetOld(): void {
    for (const [key, sent] of this.accepted.entries()) {
      if (this.#isRecent(sent)) return;
      this.accepted.delete(key);
    }
  }

  #isRecent = ({ sentAt }: SentOnce): boolean => sentAt + WINDOW_MS > this.now();
}
