import { randomUUID } from 'node:crypto';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import { DurableMap } from '../../state/durable-map';
import { readableAttributes } from './attributes';
import type { SignIn } from './sign-ins';
import type { UserPool, UserPoolClient } from './user-pools';
import type { User } from './user-store';

const ALGORITHM = 'RS256';

export type TokenUse = 'id' | 'access';

/** The claims of a token whose signature, issuer, use and time were found right. */
export type Claims = JWTPayload & { readonly token_use: TokenUse };

interface PoolKey {
  readonly keyId: string;
  readonly privateKey: JWK;
  readonly publicKey: JWK;
}

/** Signs and verifies the tokens of the pools, each with a key pair of its own. */
export class Tokens {
  readonly #keys: DurableMap<PoolKey>;
  readonly #issuerBase: string;
  readonly #now: () => number;

  constructor(stateFile: string | undefined, issuerBase: string, now: () => number) {
    this.#keys = new DurableMap(stateFile);
    this.#issuerBase = issuerBase;
    this.#now = now;
  }

  issuerOf(poolId: string): string {
    return `${this.#issuerBase}/${poolId}`;
  }

  async createKeyOf(poolId: string): Promise<void> {
    if (this.#keys.has(poolId)) return;
    const pair = await generateKeyPair(ALGORITHM, { extractable: true });
    const publicKey = await exportJWK(pair.publicKey);
    this.#keys.set(poolId, {
      keyId: await calculateJwkThumbprint(publicKey),
      privateKey: await exportJWK(pair.privateKey),
      publicKey,
    });
  }

  /** The public keys of a pool; none for a pool that does not exist. */
  jwks(poolId: string): JSONWebKeySet {
    const key = this.#keys.get(poolId);
    return {
      keys: key === undefined ? [] : [{ ...key.publicKey, kid: key.keyId, alg: ALGORITHM, use: 'sig' }],
    };
  }

  /** ID and access token of one sign-in, as AuthenticationResult carries them. */
  async issue(pool: UserPool, client: UserPoolClient, user: User, signIn: SignIn) {
    const groups = user.groups.filter((name) => pool.groups.has(name));
    const shared = {
      sub: user.sub,
      ...(groups.length > 0 ? { 'cognito:groups': groups } : {}),
      origin_jti: signIn.id,
      event_id: randomUUID(),
      auth_time: signIn.authTime,
    };
    const [IdToken, AccessToken] = await Promise.all([
      this.#sign(pool, client.validity.id, {
        ...attributeClaims(client, user),
        ...shared,
        'cognito:username': user.username,
        aud: client.id,
        token_use: 'id',
      }),
      this.#sign(pool, client.validity.access, {
        ...shared,
        username: user.username,
        client_id: client.id,
        scope: 'aws.cognito.signin.user.admin',
        token_use: 'access',
      }),
    ]);
    return { IdToken, AccessToken, ExpiresIn: client.validity.access, TokenType: 'Bearer' };
  }

  /** The claims, or undefined when signature, issuer, use or time are wrong. `now` in epoch milliseconds. */
  async verify(poolId: string, token: string, use: TokenUse, now = this.#now()): Promise<Claims | undefined> {
    const key = this.#keys.get(poolId);
    if (key === undefined) return undefined;
    try {
      const { payload } = await jwtVerify(token, await importJWK(key.publicKey, ALGORITHM), {
        algorithms: [ALGORITHM],
        issuer: this.issuerOf(poolId),
        requiredClaims: ['exp'],
        currentDate: new Date(now),
      });
      return payload.token_use === use ? { ...payload, token_use: use } : undefined;
    } catch {
      return undefined;
    }
  }

  close(): void {
    this.#keys.close();
  }

  async #sign(pool: UserPool, validSeconds: number, claims: JWTPayload): Promise<string> {
    const key = this.#keys.get(pool.id);
    if (key === undefined) throw new Error(`user pool ${pool.id} has no key`);
    const issuedAt = Math.floor(this.#now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, kid: key.keyId })
      .setIssuer(this.issuerOf(pool.id))
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + validSeconds)
      .setJti(randomUUID())
      .sign(await importJWK(key.privateKey, ALGORITHM));
  }
}

/** Every attribute is a string in the token but the two that say whether an address was verified. */
function attributeClaims(client: UserPoolClient, user: User): JWTPayload {
  const entries = Object.entries(readableAttributes(client, user.attributes));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, name.endsWith('_verified') ? value === 'true' : value]),
  );
}
