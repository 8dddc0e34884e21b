import { randomBytes } from 'node:crypto';
import { AwsError } from '../../aws';
import { ExpiringMap } from './expiring-map';
import type { ServerKeys } from './srp';
import type { UserPoolClient } from './user-pools';

const SESSION_BYTES = 64;
const MINUTE_MS = 60_000;

/** What the next answer of a client must prove. */
export type Challenge =
  | {
      readonly name: 'PASSWORD_VERIFIER';
      /** Absent when the name belongs to nobody and the client must not learn that. */
      readonly sub?: string;
      readonly clientValue: string;
      readonly serverKeys: ServerKeys;
    }
  | { readonly name: 'NEW_PASSWORD_REQUIRED' | 'SOFTWARE_TOKEN_MFA'; readonly sub: string }
  | { readonly name: 'MFA_SETUP'; readonly sub: string; readonly verified: boolean };

export type ChallengeName = Challenge['name'];

type Pending = { readonly clientId: string; readonly expiresAt: number; readonly challenge: Challenge };

/** Sign-ins on their way. A session (for SRP: the secret block) is random and names one challenge. */
export class Challenges {
  readonly #pending: ExpiringMap<Pending>;
  readonly #now: () => number;

  constructor(stateFile: string | undefined, now: () => number) {
    this.#pending = new ExpiringMap(stateFile, now);
    this.#now = now;
  }

  /** Answers the session, in base64. */
  open(client: UserPoolClient, challenge: Challenge): string {
    const session = randomBytes(SESSION_BYTES).toString('base64');
    const expiresAt = this.#now() + client.properties.AuthSessionValidity * MINUTE_MS;
    this.#pending.set(session, { clientId: client.id, expiresAt, challenge });
    return session;
  }

  /** Without a client: for calls that carry the session alone. */
  get<N extends ChallengeName>(
    name: N,
    session: string,
    client?: UserPoolClient,
  ): Extract<Challenge, { readonly name: N }> & { readonly clientId: string } {
    const pending = this.#pending.get(session);
    if (
      pending === undefined ||
      !isNamed(pending.challenge, name) ||
      (client !== undefined && pending.clientId !== client.id)
    ) {
      throw new AwsError('NotAuthorizedException', 'Invalid session for the user.');
    }
    return { ...pending.challenge, clientId: pending.clientId };
  }

  end(session: string): void {
    this.#pending.delete(session);
  }

  close(): void {
    this.#pending.close();
  }
}

const isNamed = <N extends ChallengeName>(
  challenge: Challenge,
  name: N,
): challenge is Extract<Challenge, { readonly name: N }> => challenge.name === name;
