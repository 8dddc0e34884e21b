import { join } from 'node:path';
import type { JSONWebKeySet } from 'jose';
import type { AwsJsonService, Provisioners } from '../../aws';
import { callOperation, type Operations } from '../aws-json-operations';
import type { Mailbox } from '../mailbox';
import { accountOperations } from './account-operations';
import { adminOperations } from './admin-operations';
import { Challenges } from './challenges';
import type { CognitoContext } from './context';
import { MailedCodes } from './mailed-codes';
import { mfaOperations } from './mfa-operations';
import { poolOperations } from './pool-operations';
import { signInOperations } from './sign-in-operations';
import { SignIns } from './sign-ins';
import { type Claims, Tokens } from './tokens';
import { UserPools } from './user-pools';
import { UserStore } from './user-store';

export interface CognitoOptions {
  /** Users, sign-ins, codes and signing keys, readable by the owner alone; without it all is in memory only. */
  readonly stateFolder?: string;
  /** Tokens name `${issuerBase}/${poolId}` as their issuer. */
  readonly issuerBase: string;
  /** Where invitations and codes arrive. */
  readonly mailbox: Mailbox;
  readonly now?: () => number;
}

/** Cognito user pools: people sign in with passwords (SRP or plain), second factors are authenticator apps. */
export class Cognito implements AwsJsonService {
  readonly provisioners: Provisioners;
  readonly #context: CognitoContext;
  readonly #operations: Operations;

  constructor({ stateFolder, issuerBase, mailbox, now = Date.now }: CognitoOptions) {
    const file = (name: string) =>
      stateFolder === undefined ? undefined : join(stateFolder, `${name}.jsonl`);
    const tokens = new Tokens(file('keys'), issuerBase, now);
    const pools = new UserPools(
      (poolId) => tokens.issuerOf(poolId),
      (poolId) => tokens.createKeyOf(poolId),
    );
    this.#context = {
      pools,
      tokens,
      users: new UserStore(file('users'), now),
      signIns: new SignIns(file('sign-ins'), now),
      challenges: new Challenges(file('challenges'), now),
      codes: new MailedCodes(file('codes'), mailbox, now),
      mailbox,
      now,
    };
    this.provisioners = pools.provisioners;
    this.#operations = {
      ...signInOperations(this.#context),
      ...mfaOperations(this.#context),
      ...accountOperations(this.#context),
      ...adminOperations(this.#context),
      ...poolOperations(this.#context),
    };
  }

  call(name: string, input: Record<string, unknown>): unknown {
    return callOperation('Cognito', this.#operations, name, input);
  }

  /**
   * The claims of an ID token that was issued by the pool for one of its clients and is valid at `now` (epoch
   * milliseconds), else undefined. As in API Gateway, what became of the user since is not looked at.
   */
  async verifyIdToken(poolId: string, token: string, now?: number): Promise<Claims | undefined> {
    const claims = await this.#context.tokens.verify(poolId, token, 'id', now);
    const isForClient = this.#context.pools.find(poolId)?.clients.has(String(claims?.aud));
    return isForClient ? claims : undefined;
  }

  /** The pool's public keys, as they are served under `.well-known/jwks.json` of its issuer. */
  jwks(poolId: string): JSONWebKeySet {
    return this.#context.tokens.jwks(poolId);
  }

  close(): void {
    const { tokens, users, signIns, challenges, codes } = this.#context;
    for (const part of [tokens, users, signIns, challenges, codes]) part.close();
  }
}
