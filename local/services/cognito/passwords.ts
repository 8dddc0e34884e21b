import { AwsError } from '../../aws';
import { generatedSecret, secretGeneration } from '../secret-generation';
import { createVerifier, passwordMatches } from './srp';
import type { UserPool } from './user-pools';
import type { User } from './user-store';

const DAY_MS = 86_400_000;
const SYMBOLS = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]/;
/** Easily mistaken for another, or with a meaning in an HTML mail. */
const UNREADABLE = 'lIO01`\'"<>&{}\\|;,.^~()[]/:$';
const GENERATED_LENGTH = 12;

const FREE_FAILURES = 5;
const LONGEST_LOCK_MS = 15 * 60_000;
const FORGOTTEN_AFTER_MS = 15 * 60_000;

export function checkPasswordPolicy({ properties }: UserPool, password: string): void {
  const policy = properties.Policies.PasswordPolicy;
  const lacks = (what: string) =>
    new AwsError('InvalidPasswordException', `Password did not conform with policy: Password ${what}`);
  if (password.length < policy.MinimumLength) throw lacks('not long enough');
  if (policy.RequireUppercase && !/[A-Z]/.test(password)) throw lacks('must have uppercase characters');
  if (policy.RequireLowercase && !/[a-z]/.test(password)) throw lacks('must have lowercase characters');
  if (policy.RequireNumbers && !/\d/.test(password)) throw lacks('must have numeric characters');
  if (policy.RequireSymbols && !SYMBOLS.test(password)) throw lacks('must have symbol characters');
}

/** A password that any policy accepts and a person can copy from a mail. */
export const generatePassword = ({ properties }: UserPool): string =>
  generatedSecret(
    secretGeneration.parse({
      PasswordLength: Math.max(GENERATED_LENGTH, properties.Policies.PasswordPolicy.MinimumLength),
      ExcludeCharacters: UNREADABLE,
    }),
  );

export const withPermanentPassword = (user: User, password: string): User => ({
  ...user,
  password: createVerifier(user.poolId, user.username, password),
  status: 'CONFIRMED',
  temporaryPasswordExpiresAt: undefined,
  failures: undefined,
});

/** The user has to choose another one at the next sign-in. */
export const withTemporaryPassword = (pool: UserPool, user: User, password: string, now: number): User => ({
  ...withPermanentPassword(user, password),
  status: 'FORCE_CHANGE_PASSWORD',
  temporaryPasswordExpiresAt: temporaryPasswordExpiry(pool, now),
});

export const temporaryPasswordExpiry = ({ properties }: UserPool, now: number): number =>
  now + properties.Policies.PasswordPolicy.TemporaryPasswordValidityDays * DAY_MS;

export const isPasswordOf = (user: User, password: string): boolean =>
  passwordMatches(user.poolId, user.username, password, user.password);

/**
 * From the fifth failure on, each locks for twice as long: 1, 2, 4 seconds and so on up to 15 minutes. Attempts while
 * locked are refused unseen and do not count; a quarter of an hour without a failure forgives all.
 */
export function checkNotLocked({ failures }: User, now: number): void {
  if (failures === undefined || failures.count < FREE_FAILURES) return;
  const lock = Math.min(2 ** (failures.count - FREE_FAILURES) * 1000, LONGEST_LOCK_MS);
  if (now < failures.lastAt + lock) {
    throw new AwsError('NotAuthorizedException', 'Password attempts exceeded');
  }
}

export function withFailure(user: User, now: number): User {
  const recent = user.failures !== undefined && now - user.failures.lastAt < FORGOTTEN_AFTER_MS;
  return { ...user, failures: { count: (recent ? (user.failures?.count ?? 0) : 0) + 1, lastAt: now } };
}
