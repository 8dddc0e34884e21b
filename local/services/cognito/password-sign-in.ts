import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../../aws';
import { type CognitoContext, invalidParameter, notAuthorized } from './context';
import { checkNotLocked, isPasswordOf, withFailure } from './passwords';
import { afterPassword } from './sign-in-steps';
import { claimSignature, createServerKeys, createVerifier, isSafeClientValue } from './srp';
import { signsInByEmail, type UserPool, type UserPoolClient } from './user-pools';
import type { User } from './user-store';

/** Makes the answers about one unknown name the same every time, as they are for a known one. */
const PRETENCE_KEY = randomBytes(32);

export const hidesExistence = (client: UserPoolClient): boolean =>
  client.properties.PreventUserExistenceErrors === 'ENABLED';

export function signInWithPassword(
  context: CognitoContext,
  pool: UserPool,
  client: UserPoolClient,
  { USERNAME, PASSWORD }: { USERNAME: string; PASSWORD: string },
) {
  const user = context.users.find(pool, USERNAME);
  if (user === undefined) throw unknownUser(client);
  checkNotLocked(user, context.now());
  if (!isPasswordOf(user, PASSWORD)) throw rejected(context, user);
  return afterPassword(context, { pool, client, user });
}

/** The first of the two steps of SRP: public values for the client to prove the password with. */
export function beginSrp(
  context: CognitoContext,
  pool: UserPool,
  client: UserPoolClient,
  { USERNAME, SRP_A }: { USERNAME: string; SRP_A: string },
) {
  if (!isSafeClientValue(SRP_A)) throw invalidParameter('SRP_A is not a valid value.');
  const user = context.users.find(pool, USERNAME);
  if (user === undefined && !hidesExistence(client)) throw unknownUser(client);
  const { username, salt, verifier } =
    user === undefined ? pretendedUser(pool, USERNAME) : { username: user.username, ...user.password };
  const serverKeys = createServerKeys({ salt, verifier });
  return {
    ChallengeName: 'PASSWORD_VERIFIER',
    ChallengeParameters: {
      SALT: salt,
      SECRET_BLOCK: context.challenges.open(client, {
        name: 'PASSWORD_VERIFIER',
        sub: user?.sub,
        clientValue: SRP_A,
        serverKeys,
      }),
      SRP_B: serverKeys.public,
      USERNAME: username,
      USER_ID_FOR_SRP: username,
    },
  };
}

export interface SrpAnswer {
  readonly USERNAME: string;
  readonly PASSWORD_CLAIM_SECRET_BLOCK: string;
  readonly PASSWORD_CLAIM_SIGNATURE: string;
  readonly TIMESTAMP: string;
}

export function finishSrp(
  context: CognitoContext,
  pool: UserPool,
  client: UserPoolClient,
  answer: SrpAnswer,
) {
  const secretBlock = answer.PASSWORD_CLAIM_SECRET_BLOCK;
  const { sub, clientValue, serverKeys } = context.challenges.get('PASSWORD_VERIFIER', secretBlock, client);
  context.challenges.end(secretBlock);
  const user = sub === undefined ? undefined : context.users.bySub(sub);
  if (user === undefined) throw wrongPassword();
  if (context.users.find(pool, answer.USERNAME)?.sub !== user.sub) throw wrongPassword();
  checkNotLocked(user, context.now());
  const expected = claimSignature({
    poolId: pool.id,
    username: user.username,
    verifier: user.password,
    clientValue,
    serverKeys,
    secretBlock,
    timestamp: answer.TIMESTAMP,
  });
  const given = Buffer.from(answer.PASSWORD_CLAIM_SIGNATURE, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw rejected(context, user);
  return afterPassword(context, { pool, client, user });
}

/** Remembers the failure of a known user. */
export function rejected(context: CognitoContext, user: User): AwsError {
  context.users.save(withFailure(user, context.now()));
  return wrongPassword();
}

export const unknownUser = (client: UserPoolClient): AwsError =>
  hidesExistence(client) ? wrongPassword() : new AwsError('UserNotFoundException', 'User does not exist.');

const wrongPassword = () => notAuthorized('Incorrect username or password.');

function pretendedUser(pool: UserPool, name: string) {
  const bytes = (purpose: string) =>
    createHmac('sha256', PRETENCE_KEY).update(`${purpose}/${pool.id}/${name.toLowerCase()}`).digest('hex');
  const id = bytes('username');
  const username = signsInByEmail(pool)
    ? [
        id.slice(0, 8),
        id.slice(8, 12),
        `4${id.slice(13, 16)}`,
        `a${id.slice(17, 20)}`,
        id.slice(20, 32),
      ].join('-')
    : name;
  const { verifier } = createVerifier(pool.id, username, bytes('password'));
  return { username, verifier, salt: bytes('salt').slice(0, 32) };
}
