import { randomBytes } from 'node:crypto';
import { idOf, type NewId } from '../kernel/ids';
import type { Clock } from '../kernel/time';

/**
 * Ids of 48 bits of time and 80 random ones. They sort by the moment they were made, so that a table whose sort key
 * is the id lists newest first without an index.
 */
export const timeOrderedId =
  (clock: Clock): NewId =>
  (prefix) => {
    const bytes = randomBytes(16);
    bytes.writeUIntBE(clock().getTime(), 0, 6);
    return idOf(prefix, bytes);
  };
