/** One disclosure of delivered keys: who saw which of an order's keys, when and from where. */
export interface RevealRecord {
  readonly orderId: string;
  readonly at: string;
  readonly actor: string;
  readonly address: string;
  readonly userAgent: string;
  /** Positions of the keys in the order, from 1. */
  readonly positions: readonly number[];
}

export interface RevealLog {
  record(reveal: RevealRecord): Promise<void>;
  /** All of an order, oldest first. */
  of(orderId: string): Promise<RevealRecord[]>;
}
