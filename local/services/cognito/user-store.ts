import { randomUUID } from 'node:crypto';
import { AwsError } from '../../aws';
import { DurableMap } from '../../state/durable-map';
import { type Attributes, listOf } from './attributes';
import { createVerifier, type SrpVerifier } from './srp';
import { signsInByEmail, type UserPool } from './user-pools';

export type UserStatus = 'UNCONFIRMED' | 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD';

/** One user. Never changed in place: a change is a new object that is saved. Times are epoch milliseconds. */
export interface User {
  readonly sub: string;
  readonly poolId: string;
  /** In pools where people sign in by e-mail this is the sub. */
  readonly username: string;
  readonly attributes: Attributes;
  readonly groups: readonly string[];
  readonly status: UserStatus;
  readonly enabled: boolean;
  readonly password: SrpVerifier;
  readonly temporaryPasswordExpiresAt?: number;
  /** Failed sign-ins since the last success. */
  readonly failures?: { readonly count: number; readonly lastAt: number };
  readonly totp?: { readonly secret: string; readonly lastStep: number };
  /** Asked for, but not yet proven to be in an authenticator app. */
  readonly pendingTotpSecret?: string;
  readonly softwareTokenMfa?: { readonly enabled: boolean; readonly preferred: boolean };
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface UserDraft extends Pick<User, 'attributes' | 'status' | 'temporaryPasswordExpiresAt'> {
  readonly password: string;
}

export class UserStore {
  readonly #users: DurableMap<User>;
  /** Pool and name in lower case -> sub. */
  readonly #subs = new Map<string, string>();
  readonly #now: () => number;

  constructor(stateFile: string | undefined, now: () => number) {
    this.#users = new DurableMap(stateFile);
    this.#now = now;
    for (const user of this.#users.values()) this.#index(user);
  }

  bySub(sub: string): User | undefined {
    return this.#users.get(sub);
  }

  /** By username, or by e-mail where people sign in with it; upper and lower case are the same. */
  find(pool: UserPool, name: string): User | undefined {
    return this.#users.get(this.#subs.get(nameKey(pool.id, name)) ?? '');
  }

  get(pool: UserPool, name: string): User {
    const user = this.find(pool, name);
    if (user === undefined) throw new AwsError('UserNotFoundException', 'User does not exist.');
    return user;
  }

  inPool(pool: UserPool): User[] {
    return [...this.#users.values()].filter(({ poolId }) => poolId === pool.id);
  }

  /** @param name what the user will sign in with: its username, or its e-mail where the pool asks for that. */
  create(pool: UserPool, name: string, draft: UserDraft): User {
    if (this.find(pool, name) !== undefined) {
      throw new AwsError('UsernameExistsException', 'User account already exists.');
    }
    const sub = randomUUID();
    const username = signsInByEmail(pool) ? sub : name;
    const { password, ...rest } = draft;
    return this.save({
      ...rest,
      sub,
      poolId: pool.id,
      username,
      password: createVerifier(pool.id, username, password),
      groups: [],
      enabled: true,
      createdAt: this.#now(),
      modifiedAt: this.#now(),
    });
  }

  save(user: User): User {
    const taken = namesOf(user).some((name) => (this.#subs.get(name) ?? user.sub) !== user.sub);
    if (taken) throw new AwsError('AliasExistsException', 'An account with the given email already exists.');
    const earlier = this.#users.get(user.sub);
    const saved = { ...user, modifiedAt: this.#now() };
    this.#users.set(user.sub, saved);
    if (earlier !== undefined) for (const name of namesOf(earlier)) this.#subs.delete(name);
    this.#index(saved);
    return saved;
  }

  delete(user: User): void {
    this.#users.delete(user.sub);
    for (const name of namesOf(user)) this.#subs.delete(name);
  }

  close(): void {
    this.#users.close();
  }

  #index(user: User): void {
    for (const name of namesOf(user)) this.#subs.set(name, user.sub);
  }
}

const nameKey = (poolId: string, name: string): string => `${poolId}/${name.toLowerCase()}`;

function namesOf({ poolId, sub, username, attributes }: User): string[] {
  const names = username === sub && attributes.email !== undefined ? [sub, attributes.email] : [username];
  return names.map((name) => nameKey(poolId, name));
}

/** What every answer about a user says about it. */
export const userSummary = (user: User) => ({
  Username: user.username,
  Enabled: user.enabled,
  UserStatus: user.status,
  UserCreateDate: user.createdAt / 1000,
  UserLastModifiedDate: user.modifiedAt / 1000,
});

export const userAttributes = (user: User, attributes = user.attributes) =>
  listOf({ sub: user.sub, ...attributes });

/** The second factors of a user, as GetUser and AdminGetUser tell them. */
export function mfaSettings({ softwareTokenMfa }: User) {
  if (!softwareTokenMfa?.enabled) return {};
  return {
    UserMFASettingList: ['SOFTWARE_TOKEN_MFA'],
    PreferredMfaSetting: softwareTokenMfa.preferred ? 'SOFTWARE_TOKEN_MFA' : undefined,
  };
}
