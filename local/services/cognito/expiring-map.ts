import { DurableMap } from '../../state/durable-map';

/** A DurableMap whose entries are gone from their `expiresAt` (epoch milliseconds) on. */
export class ExpiringMap<V extends { readonly expiresAt: number }> {
  readonly #entries: DurableMap<V>;
  readonly #now: () => number;

  constructor(stateFile: string | undefined, now: () => number) {
    this.#entries = new DurableMap(stateFile);
    this.#now = now;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    return value !== undefined && value.expiresAt > this.#now() ? value : undefined;
  }

  set(key: string, value: V): void {
    for (const [old, { expiresAt }] of this.#entries.entries()) {
      if (expiresAt <= this.#now()) this.#entries.delete(old);
    }
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  deleteWhere(matches: (value: V) => boolean): void {
    for (const [key, value] of this.#entries.entries()) {
      if (matches(value)) this.#entries.delete(key);
    }
  }

  close(): void {
    this.#entries.close();
  }
}
