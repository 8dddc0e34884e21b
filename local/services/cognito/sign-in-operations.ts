import * as z from 'zod';
import { AwsError } from '../../aws';
import { describeIssues, type Operations } from '../aws-json-operations';
import { changedAttributes, checkWritable, missingAttributes } from './attributes';
import { asCaller, type CognitoContext, invalidParameter, notAuthorized, operation } from './context';
import { verifyTotp } from './mfa-operations';
import { beginSrp, finishSrp, signInWithPassword } from './password-sign-in';
import { checkPasswordPolicy, withPermanentPassword } from './passwords';
import { afterFirstFactor, type Entrant, signedIn } from './sign-in-steps';
import { invalidRefreshToken } from './sign-ins';
import type { AuthFlow } from './template-properties';
import type { UserPool, UserPoolClient } from './user-pools';

const parameters = z.record(z.string(), z.string());
/** For triggers and risk scores, which do not exist here. */
const unused = z.unknown().optional();

const srpStart = z.strictObject({ USERNAME: z.string(), SRP_A: z.string() });
const passwordStart = z.strictObject({ USERNAME: z.string(), PASSWORD: z.string() });
const refreshStart = z.strictObject({ REFRESH_TOKEN: z.string() });

const srpAnswer = z.strictObject({
  USERNAME: z.string(),
  PASSWORD_CLAIM_SECRET_BLOCK: z.string(),
  PASSWORD_CLAIM_SIGNATURE: z.string(),
  TIMESTAMP: z.string(),
});
const newPasswordAnswer = z.object({ USERNAME: z.string(), NEW_PASSWORD: z.string() }).catchall(z.string());
const totpAnswer = z.strictObject({ USERNAME: z.string(), SOFTWARE_TOKEN_MFA_CODE: z.string() });
const setupAnswer = z.strictObject({ USERNAME: z.string() });

const ATTRIBUTE_PREFIX = 'userAttributes.';

export function signInOperations(context: CognitoContext): Operations {
  return {
    InitiateAuth: operation(
      z.strictObject({
        AuthFlow: z.string(),
        AuthParameters: parameters.default({}),
        ClientId: z.string(),
        ClientMetadata: unused,
        AnalyticsMetadata: unused,
        UserContextData: unused,
      }),
      ({ AuthFlow, AuthParameters, ClientId }) => {
        const { pool, client } = context.pools.ofClient(ClientId);
        switch (AuthFlow) {
          case 'USER_SRP_AUTH':
            checkFlow(client, AuthFlow, 'ALLOW_USER_SRP_AUTH');
            return beginSrp(context, pool, client, parsed(srpStart, AuthParameters));
          case 'USER_PASSWORD_AUTH':
            checkFlow(client, AuthFlow, 'ALLOW_USER_PASSWORD_AUTH');
            return signInWithPassword(context, pool, client, parsed(passwordStart, AuthParameters));
          case 'REFRESH_TOKEN':
          case 'REFRESH_TOKEN_AUTH':
            checkFlow(client, AuthFlow, 'ALLOW_REFRESH_TOKEN_AUTH');
            return refresh(context, pool, client, parsed(refreshStart, AuthParameters).REFRESH_TOKEN);
          default:
            throw invalidParameter(`AuthFlow ${AuthFlow} is not implemented locally`);
        }
      },
    ),
    RespondToAuthChallenge: operation(
      z.strictObject({
        ChallengeName: z.string(),
        ChallengeResponses: parameters.default({}),
        ClientId: z.string(),
        Session: z.string().optional(),
        ClientMetadata: unused,
        AnalyticsMetadata: unused,
        UserContextData: unused,
      }),
      ({ ChallengeName, ChallengeResponses, ClientId, Session = '' }) => {
        const { pool, client } = context.pools.ofClient(ClientId);
        switch (ChallengeName) {
          case 'PASSWORD_VERIFIER':
            return finishSrp(context, pool, client, parsed(srpAnswer, ChallengeResponses));
          case 'NEW_PASSWORD_REQUIRED':
            return answerNewPassword(
              context,
              pool,
              client,
              Session,
              parsed(newPasswordAnswer, ChallengeResponses),
            );
          case 'SOFTWARE_TOKEN_MFA':
            return answerTotp(context, pool, client, Session, parsed(totpAnswer, ChallengeResponses));
          case 'MFA_SETUP':
            return answerMfaSetup(context, pool, client, Session, parsed(setupAnswer, ChallengeResponses));
          default:
            throw invalidParameter(`challenge ${ChallengeName} is not implemented locally`);
        }
      },
    ),
    GetTokensFromRefreshToken: operation(
      z.strictObject({ ClientId: z.string(), RefreshToken: z.string(), ClientMetadata: unused }),
      ({ ClientId, RefreshToken }) => {
        const { pool, client } = context.pools.ofClient(ClientId);
        return refresh(context, pool, client, RefreshToken);
      },
    ),
    RevokeToken: operation(
      z.strictObject({ ClientId: z.string(), Token: z.string() }),
      ({ ClientId, Token }) => {
        const { client } = context.pools.ofClient(ClientId);
        if (!client.properties.EnableTokenRevocation) {
          throw new AwsError(
            'UnsupportedOperationException',
            'Token revocation is not enabled for this client.',
          );
        }
        const signIn = context.signIns.ofToken(Token);
        if (signIn === undefined) return {};
        if (signIn.clientId !== client.id) throw invalidRefreshToken();
        context.signIns.end(signIn);
        return {};
      },
    ),
    GlobalSignOut: operation(z.strictObject({ AccessToken: z.string() }), ({ AccessToken }) =>
      asCaller(context, AccessToken, ({ user }) => {
        context.signIns.endAllOf(user);
        return {};
      }),
    ),
  };
}

function checkFlow(client: UserPoolClient, flow: string, needed: AuthFlow): void {
  if (client.properties.ExplicitAuthFlows.includes(needed)) return;
  throw invalidParameter(`${flow} flow not enabled for this client`);
}

function parsed<T>(schema: z.ZodType<T>, given: Record<string, string>): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw invalidParameter(describeIssues(result.error));
}

async function refresh(context: CognitoContext, pool: UserPool, client: UserPoolClient, token: string) {
  const signIn = context.signIns.ofToken(token);
  if (signIn === undefined || signIn.clientId !== client.id) throw invalidRefreshToken();
  const user = context.users.bySub(signIn.sub);
  if (user === undefined) throw invalidRefreshToken();
  if (!user.enabled) throw notAuthorized('User is disabled.');
  const rotation = client.properties.RefreshTokenRotation;
  const rotated =
    rotation?.Feature === 'ENABLED'
      ? { RefreshToken: context.signIns.rotate(signIn, rotation.RetryGracePeriodSeconds) }
      : {};
  const tokens = await context.tokens.issue(pool, client, user, signIn);
  return { AuthenticationResult: { ...tokens, ...rotated }, ChallengeParameters: {} };
}

function answerNewPassword(
  context: CognitoContext,
  pool: UserPool,
  client: UserPoolClient,
  session: string,
  { USERNAME, NEW_PASSWORD, ...rest }: z.output<typeof newPasswordAnswer>,
) {
  const { sub } = context.challenges.get('NEW_PASSWORD_REQUIRED', session, client);
  const { user } = entrant(context, pool, client, sub, USERNAME);
  const unknown = Object.keys(rest).find((name) => !name.startsWith(ATTRIBUTE_PREFIX));
  if (unknown !== undefined) throw invalidParameter(`challenge response ${unknown} is not known`);
  const changes = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name.slice(ATTRIBUTE_PREFIX.length), value]),
  );
  checkPasswordPolicy(pool, NEW_PASSWORD);
  checkWritable(client, changes);
  const attributes = changedAttributes(pool, user.attributes, changes);
  const [missing] = missingAttributes(pool, attributes);
  if (missing !== undefined) throw invalidParameter(`Invalid attributes given, ${missing} is missing`);
  context.challenges.end(session);
  const changed = context.users.save({ ...withPermanentPassword(user, NEW_PASSWORD), attributes });
  return afterFirstFactor(context, { pool, client, user: changed });
}

function answerTotp(
  context: CognitoContext,
  pool: UserPool,
  client: UserPoolClient,
  session: string,
  { USERNAME, SOFTWARE_TOKEN_MFA_CODE }: z.output<typeof totpAnswer>,
) {
  const { sub } = context.challenges.get('SOFTWARE_TOKEN_MFA', session, client);
  const { user } = entrant(context, pool, client, sub, USERNAME);
  const verified = verifyTotp(context, user, SOFTWARE_TOKEN_MFA_CODE);
  context.challenges.end(session);
  return signedIn(context, { pool, client, user: verified });
}

function answerMfaSetup(
  context: CognitoContext,
  pool: UserPool,
  client: UserPoolClient,
  session: string,
  { USERNAME }: z.output<typeof setupAnswer>,
) {
  const { sub, verified } = context.challenges.get('MFA_SETUP', session, client);
  if (!verified) throw invalidParameter('The software token has not been verified yet.');
  context.challenges.end(session);
  return signedIn(context, entrant(context, pool, client, sub, USERNAME));
}

/** The user whom the session is about, who may have been disabled or deleted since. */
function entrant(
  context: CognitoContext,
  pool: UserPool,
  client: UserPoolClient,
  sub: string,
  username: string,
): Entrant {
  const user = context.users.bySub(sub);
  if (user === undefined || context.users.find(pool, username)?.sub !== sub) {
    throw notAuthorized('Invalid session for the user.');
  }
  if (!user.enabled) throw notAuthorized('User is disabled.');
  return { pool, client, user };
}
