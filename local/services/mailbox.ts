import { DurableMap } from '../state/durable-map';

/** The oldest messages beyond this number are dropped. */
const CAPACITY = 500;

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** The body as its sender wrote it: plain text, or HTML where a template holds HTML. */
  readonly text: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface ReceivedMail extends Mail {
  readonly id: number;
}

/** Every mail that the local platform sends ends here, where a person can read it; nothing leaves the machine. */
export class Mailbox {
  readonly #mails: DurableMap<ReceivedMail>;
  #nextId: number;

  /** @param stateFile without it the messages are kept in memory only. */
  constructor(stateFile?: string) {
    this.#mails = new DurableMap(stateFile);
    this.#nextId = Math.max(0, ...[...this.#mails.values()].map(({ id }) => id)) + 1;
  }

  deliver({ to, subject, text, at }: Mail): void {
    const id = this.#nextId++;
    this.#mails.set(String(id), { id, to, subject, text, at });
    for (const oldest of this.#mails.keys()) {
      if (this.#mails.size <= CAPACITY) break;
      this.#mails.delete(oldest);
    }
  }

  /** Newest first. */
  messages(): ReceivedMail[] {
    return [...this.#mails.values()].reverse();
  }

  close(): void {
    this.#mails.close();
  }
}
