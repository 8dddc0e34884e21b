import { AwsError } from '../../aws';
import { missingAttributes, readableAttributes } from './attributes';
import { type CognitoContext, notAuthorized } from './context';
import type { UserPool, UserPoolClient } from './user-pools';
import type { User } from './user-store';

/** A user on the way in, through one client of its pool. */
export interface Entrant {
  readonly pool: UserPool;
  readonly client: UserPoolClient;
  readonly user: User;
}

/** The user has proven its password: what comes next is a challenge or the tokens. */
export function afterPassword(context: CognitoContext, entrant: Entrant) {
  const { pool, client, user } = entrant;
  if (!user.enabled) throw notAuthorized('User is disabled.');
  if (user.status === 'UNCONFIRMED') {
    throw new AwsError('UserNotConfirmedException', 'User is not confirmed.');
  }
  if (user.status !== 'FORCE_CHANGE_PASSWORD') return afterFirstFactor(context, entrant);
  if ((user.temporaryPasswordExpiresAt ?? 0) <= context.now()) {
    throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
  }
  return {
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: context.challenges.open(client, { name: 'NEW_PASSWORD_REQUIRED', sub: user.sub }),
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      userAttributes: JSON.stringify(readableAttributes(client, user.attributes)),
      requiredAttributes: JSON.stringify(
        missingAttributes(pool, user.attributes).map((name) => `userAttributes.${name}`),
      ),
    },
  };
}

export function afterFirstFactor(context: CognitoContext, entrant: Entrant) {
  const { pool, client, user } = entrant;
  const required = pool.properties.MfaConfiguration;
  if (required === 'ON' && user.totp === undefined) {
    return {
      ChallengeName: 'MFA_SETUP',
      Session: context.challenges.open(client, { name: 'MFA_SETUP', sub: user.sub, verified: false }),
      ChallengeParameters: { MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]', USER_ID_FOR_SRP: user.username },
    };
  }
  if (required === 'ON' || (required === 'OPTIONAL' && user.totp && user.softwareTokenMfa?.enabled)) {
    return {
      ChallengeName: 'SOFTWARE_TOKEN_MFA',
      Session: context.challenges.open(client, { name: 'SOFTWARE_TOKEN_MFA', sub: user.sub }),
      ChallengeParameters: { USER_ID_FOR_SRP: user.username },
    };
  }
  return signedIn(context, entrant);
}

/** Nothing more to prove: forgives earlier failures and issues the tokens. */
export async function signedIn(context: CognitoContext, { pool, client, user }: Entrant) {
  if (user.failures !== undefined) context.users.save({ ...user, failures: undefined });
  const { signIn, refreshToken } = context.signIns.begin(pool, client, user);
  const tokens = await context.tokens.issue(pool, client, user, signIn);
  return { AuthenticationResult: { ...tokens, RefreshToken: refreshToken }, ChallengeParameters: {} };
}
