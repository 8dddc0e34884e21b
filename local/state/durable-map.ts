import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * A Map whose entries survive a restart and a `kill -9`: every change is one JSON line appended to a file before
 * the call returns, and opening the file replays it and writes it anew without the overwritten lines.
 * Values must be JSON; a value must be `set` again after it was changed in place.
 * Without a file it is a plain in-memory map (`--memory`).
 */
export class DurableMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #file: number | undefined;

  constructor(path?: string) {
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) this.#replay(readFileSync(path, 'utf8'));
    this.#compact(path);
    this.#file = openSync(path, 'a', 0o600);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  set(key: string, value: V): void {
    this.#entries.set(key, value);
    this.#append([key, value]);
  }

  delete(key: string): boolean {
    const existed = this.#entries.delete(key);
    if (existed) this.#append([key]);
    return existed;
  }

  entries(): IterableIterator<[string, V]> {
    return this.#entries.entries();
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #append(line: [string, V?]): void {
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  #replay(text: string): void {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const entry = parseLine<V>(line);
      if (entry === undefined) continue;
      if (entry.length === 2) this.#entries.set(entry[0], entry[1] as V);
      else this.#entries.delete(entry[0]);
    }
  }

  #compact(path: string): void {
    const compacted = `${path}.compact`;
    writeFileSync(compacted, '', { mode: 0o600 });
    for (const entry of this.#entries) appendFileSync(compacted, `${JSON.stringify(entry)}\n`);
    renameSync(compacted, path);
  }
}

/** A process killed while writing leaves at most one torn line, the last: that change had not returned. */
function parseLine<V>(line: string): [string, V?] | undefined {
  try {
    return JSON.parse(line) as [string, V?];
  } catch {
    return undefined;
  }
}
