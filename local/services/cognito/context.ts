import { AwsError } from '../../aws';
import { operationsWith } from '../aws-json-operations';
import type { Mailbox } from '../mailbox';
import type { Challenges } from './challenges';
import type { MailedCodes } from './mailed-codes';
import type { SignIn, SignIns } from './sign-ins';
import type { Tokens } from './tokens';
import type { UserPool, UserPoolClient, UserPools } from './user-pools';
import type { User, UserStore } from './user-store';

/** What the operations of Cognito work on. */
export interface CognitoContext {
  readonly pools: UserPools;
  readonly users: UserStore;
  readonly signIns: SignIns;
  readonly tokens: Tokens;
  readonly challenges: Challenges;
  readonly codes: MailedCodes;
  readonly mailbox: Mailbox;
  readonly now: () => number;
}

export const operation = operationsWith('InvalidParameterException');

/** A signed-in user who calls with an access token. */
export interface Caller {
  readonly pool: UserPool;
  readonly client: UserPoolClient;
  readonly user: User;
  readonly signIn: SignIn;
}

/**
 * Runs for whom an access token belongs to; refuses tokens that are wrong, too old or revoked, and disabled users.
 * `run` is called without a pause after the user was read, so that no concurrent change can be lost.
 */
export async function asCaller<T>(
  context: CognitoContext,
  accessToken: string,
  run: (caller: Caller) => T,
): Promise<T> {
  for (const pool of context.pools.all()) {
    const claims = await context.tokens.verify(pool.id, accessToken, 'access');
    if (claims === undefined) continue;
    const signIn = context.signIns.get(String(claims.origin_jti));
    const client = pool.clients.get(String(claims.client_id));
    if (signIn === undefined || client === undefined) throw notAuthorized('Access Token has been revoked');
    const user = context.users.bySub(signIn.sub);
    if (user === undefined) throw new AwsError('UserNotFoundException', 'User does not exist.');
    if (!user.enabled) throw notAuthorized('User is disabled.');
    return run({ pool, client, user, signIn });
  }
  throw notAuthorized('Invalid Access Token');
}

export const notAuthorized = (message: string) => new AwsError('NotAuthorizedException', message);

export const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message);
