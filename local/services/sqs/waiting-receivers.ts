import type { ReceivedMessage } from './message';

export interface TakeOptions {
  readonly max: number;
  /** How long the messages stay hidden; the queue's visibility timeout unless given. */
  readonly visibilitySeconds?: number | undefined;
  /** Takes no further message once those taken are this large. */
  readonly maxBytes?: number | undefined;
}

export interface ReceiveOptions extends TakeOptions {
  /** How long to wait for a first message; the queue's setting unless given. */
  readonly waitSeconds?: number | undefined;
  /** Ends the waiting with no messages. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly options: TakeOptions;
  readonly answer: (messages: ReceivedMessage[]) => void;
}

const LONGEST_TIMER_MS = 2_147_483_647;

/** The receivers that wait for messages of one queue: first come, first served. */
export class WaitingReceivers {
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;

  /** `untilNext` says in how many milliseconds the next hidden message becomes visible; Infinity if there is none. */
  constructor(
    private readonly take: (options: TakeOptions) => ReceivedMessage[],
    private readonly untilNext: () => number,
  ) {}

  wait(options: TakeOptions, waitSeconds: number, signal?: AbortSignal): Promise<ReceivedMessage[]> {
    return new Promise((resolve) => {
      const answer = (received: ReceivedMessage[]) => {
        clearTimeout(deadline);
        signal?.removeEventListener('abort', giveUp);
        this.#waiters.delete(waiter);
        resolve(received);
      };
      const waiter: Waiter = { options, answer };
      const giveUp = () => answer([]);
      const deadline = setTimeout(giveUp, waitSeconds * 1000);
      signal?.addEventListener('abort', giveUp);
      this.#waiters.add(waiter);
      this.#armTimer();
    });
  }

  /** Hands out what there is. To be called after every change that can make a message visible. */
  serve(): void {
    for (const waiter of [...this.#waiters]) {
      const messages = this.take(waiter.options);
      if (messages.length === 0) break;
      waiter.answer(messages);
    }
    this.#armTimer();
  }

  /** Answers no messages to all. */
  dismiss(): void {
    for (const waiter of [...this.#waiters]) waiter.answer([]);
    clearTimeout(this.#timer);
  }

  /** While receivers wait, one timer sleeps until the next hidden message becomes visible. */
  #armTimer(): void {
    clearTimeout(this.#timer);
    if (this.#waiters.size === 0) return;
    const milliseconds = this.untilNext();
    if (milliseconds === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.serve(), Math.min(milliseconds, LONGEST_TIMER_MS));
  }
}
