import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from './aws';

/** Every line of every service and function, as JSON, in a file; without one they go nowhere. */
export function fileLog(path: string | undefined): Log {
  if (path === undefined) return () => {};
  mkdirSync(dirname(path), { recursive: true });
  return (source, message, details) =>
    appendFileSync(
      path,
      `${JSON.stringify({ at: new Date().toISOString(), source, message, ...details })}\n`,
    );
}
