import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from '../../aws';
import { ExpiringMap } from './expiring-map';
import type { UserPool, UserPoolClient } from './user-pools';
import type { User } from './user-store';

const TOKEN_BYTES = 48;

/** One sign-in of a user. Its refresh token and all that was issued from it are good for as long as it exists. */
export interface SignIn {
  /** The `origin_jti` of every token of this sign-in. */
  readonly id: string;
  readonly poolId: string;
  readonly clientId: string;
  readonly sub: string;
  /** Epoch seconds. */
  readonly authTime: number;
  readonly tokenHash: string;
  /** The token before the last rotation, still good for the client's grace period. */
  readonly superseded?: { readonly tokenHash: string; readonly until: number };
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export class SignIns {
  readonly #signIns: ExpiringMap<SignIn>;
  readonly #now: () => number;

  constructor(stateFile: string | undefined, now: () => number) {
    this.#signIns = new ExpiringMap(stateFile, now);
    this.#now = now;
  }

  begin(pool: UserPool, client: UserPoolClient, user: User): { signIn: SignIn; refreshToken: string } {
    const id = randomUUID();
    const refreshToken = newToken(id);
    const now = this.#now();
    const signIn: SignIn = {
      id,
      poolId: pool.id,
      clientId: client.id,
      sub: user.sub,
      authTime: Math.floor(now / 1000),
      tokenHash: hash(refreshToken),
      expiresAt: now + client.validity.refresh * 1000,
    };
    this.#signIns.set(id, signIn);
    return { signIn, refreshToken };
  }

  /** undefined when it has ended. */
  get(id: string): SignIn | undefined {
    return this.#signIns.get(id);
  }

  /** The sign-in that the refresh token belongs to; undefined when it has ended or the token is not good any more. */
  ofToken(refreshToken: string): SignIn | undefined {
    const signIn = this.#signIns.get(refreshToken.split('.')[0] ?? '');
    const given = hash(refreshToken);
    if (signIn?.tokenHash === given) return signIn;
    const { superseded } = signIn ?? {};
    return superseded?.tokenHash === given && this.#now() < superseded.until ? signIn : undefined;
  }

  /** A new refresh token for the rest of the sign-in's time. */
  rotate(signIn: SignIn, graceSeconds: number): string {
    const refreshToken = newToken(signIn.id);
    const superseded = { tokenHash: signIn.tokenHash, until: this.#now() + graceSeconds * 1000 };
    this.#signIns.set(signIn.id, { ...signIn, tokenHash: hash(refreshToken), superseded });
    return refreshToken;
  }

  end(signIn: SignIn): void {
    this.#signIns.delete(signIn.id);
  }

  endAllOf(user: User): void {
    this.#signIns.deleteWhere(({ sub }) => sub === user.sub);
  }

  close(): void {
    this.#signIns.close();
  }
}

const newToken = (id: string): string => `${id}.${randomBytes(TOKEN_BYTES).toString('base64url')}`;

/** The tokens themselves are not kept. */
const hash = (token: string): string => createHash('sha256').update(token).digest('hex');

export const invalidRefreshToken = () => new AwsError('NotAuthorizedException', 'Invalid Refresh Token');
