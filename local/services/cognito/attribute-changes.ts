import { type Attributes, changedAttributes } from './attributes';
import type { CognitoContext } from './context';
import type { UserPool } from './user-pools';
import type { User } from './user-store';

/**
 * Saves changed attributes. Another e-mail address is unverified until its owner gives the code that is mailed to it,
 * unless the same change says that it is verified. Answers where that code went.
 */
export function saveAttributes(context: CognitoContext, pool: UserPool, user: User, changes: Attributes) {
  const moved = changes.email !== undefined && changes.email !== user.attributes.email;
  const attributes = changedAttributes(
    pool,
    user.attributes,
    moved ? { email_verified: 'false', ...changes } : changes,
  );
  const saved = context.users.save({ ...user, attributes });
  if (!moved || attributes.email === undefined || attributes.email_verified === 'true') return undefined;
  if (!pool.properties.AutoVerifiedAttributes.includes('email')) return undefined;
  return context.codes.send(pool, saved, attributes.email, 'verify-email');
}
