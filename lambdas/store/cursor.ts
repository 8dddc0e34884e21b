import type * as z from 'zod';
import { DomainError } from '../kernel/errors';

/*
 * For lists that are sorted by the ids of their items. The partition is no part of a cursor: it is always that of the
 * caller's own list, so that no cursor leads into another's.
 */

/** The place in a list from which the next page goes on, opaque to clients: after the item of this id. */
export const encodeCursor = (id: string): string => Buffer.from(id).toString('base64url');

/** The id that a cursor holds, of the kind that the list is sorted by. Throws `request.invalid`. */
export function decodeCursor(cursor: string, kindOfId: z.ZodType<string>): string {
  const id = kindOfId.safeParse(Buffer.from(cursor, 'base64url').toString());
  if (id.success) return id.data;
  throw new DomainError('request.invalid', 'invalid', {
    fields: [{ field: 'query.cursor', message: 'is the nextCursor of an earlier answer of this list' }],
  });
}
