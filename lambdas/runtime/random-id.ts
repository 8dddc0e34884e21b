import { randomBytes } from 'node:crypto';
import { idOf, type NewId } from '../kernel/ids';

/** Ids of 80 random bits, for things that never stand in a list: they spread over partitions. */
export const randomId: NewId = (prefix) => idOf(prefix, randomBytes(10));
