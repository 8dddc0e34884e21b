import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  AdminDisableUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminUserGlobalSignOutCommand,
  AssociateSoftwareTokenCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
  SetUserMFAPreferenceCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { authenticatorCode, CognitoStage, ISSUER_BASE, PASSWORD } from '../support/cognito-stage';
import { signInBySrp } from '../support/srp-client';

const ADA = 'ada@example.com';
const NOT_AUTHORIZED = { name: 'NotAuthorizedException' };
const WRONG_PASSWORD = { ...NOT_AUTHORIZED, message: 'Incorrect username or password.' };

let stage: CognitoStage;

beforeEach(async () => {
  stage = new CognitoStage();
  await stage.start();
  await stage.member(ADA);
});
afterEach(() => stage.close());

const bySrp = (username: string, password: string) =>
  signInBySrp(stage.client, { poolId: stage.poolId, clientId: stage.clientId, username, password });

const getUser = (AccessToken: string) => stage.client.send(new GetUserCommand({ AccessToken }));

/** Gives a signed-in user a second factor; answers its secret. */
async function enrolAuthenticator(AccessToken: string): Promise<string> {
  const { SecretCode = '' } = await stage.client.send(new AssociateSoftwareTokenCommand({ AccessToken }));
  const UserCode = authenticatorCode(SecretCode, stage.time);
  await stage.client.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode }));
  return SecretCode;
}

const answerTotp = (Session: string | undefined, code: string) =>
  stage.client.send(
    new RespondToAuthChallengeCommand({
      ChallengeName: 'SOFTWARE_TOKEN_MFA',
      ClientId: stage.clientId,
      Session,
      ChallengeResponses: { USERNAME: ADA, SOFTWARE_TOKEN_MFA_CODE: code },
    }),
  );

describe('passwords', () => {
  test('SRP signs in who knows the password and nobody else', async () => {
    const { AuthenticationResult } = await bySrp(ADA, PASSWORD);
    expect(
      await stage.service.verifyIdToken(stage.poolId, AuthenticationResult?.IdToken ?? ''),
    ).toBeDefined();
    await expect(bySrp(ADA, `${PASSWORD}?`)).rejects.toMatchObject(WRONG_PASSWORD);
  });

  test('an e-mail address signs in however it is capitalised', async () => {
    await expect(stage.tokens('ADA@Example.com')).resolves.toBeDefined();
    await expect(bySrp('Ada@EXAMPLE.com', PASSWORD)).resolves.toMatchObject({
      AuthenticationResult: { TokenType: 'Bearer' },
    });
  });

  test('a client value that would give the session key away is refused', async () => {
    const start = (SRP_A: string) =>
      stage.client.send(
        new InitiateAuthCommand({
          AuthFlow: 'USER_SRP_AUTH',
          ClientId: stage.clientId,
          AuthParameters: { USERNAME: ADA, SRP_A },
        }),
      );
    await expect(start('0')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('an unknown name is answered like a wrong password, in both flows', async () => {
    await expect(stage.signIn('nobody@example.com')).rejects.toMatchObject(WRONG_PASSWORD);
    await expect(bySrp('nobody@example.com', PASSWORD)).rejects.toMatchObject(WRONG_PASSWORD);
  });

  test('a client that does not hide who exists says so', async () => {
    const { ref } = await stage.provisionClient('Open', { PreventUserExistenceErrors: 'LEGACY' });
    await expect(stage.signIn('nobody@example.com', PASSWORD, ref)).rejects.toMatchObject({
      name: 'UserNotFoundException',
    });
  });

  test('only the flows of the client are open', async () => {
    const { ref } = await stage.provisionClient('SrpOnly', { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] });
    await expect(stage.signIn(ADA, PASSWORD, ref)).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(stage.refresh('any', ref)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('five failures lock for a second, the next one for two, and success forgives', async () => {
    const fail = () => stage.signIn(ADA, 'wrong').catch(({ message }: Error) => message);
    for (let count = 1; count <= 5; count++) expect(await fail()).toBe(WRONG_PASSWORD.message);
    await expect(stage.signIn(ADA)).rejects.toThrow('Password attempts exceeded');
    await expect(bySrp(ADA, PASSWORD)).rejects.toThrow('Password attempts exceeded');
    stage.time += 1000;
    expect(await fail()).toBe(WRONG_PASSWORD.message);
    stage.time += 1000;
    await expect(stage.signIn(ADA)).rejects.toThrow('Password attempts exceeded');
    stage.time += 1000;
    await stage.tokens(ADA);
    expect(await fail()).toBe(WRONG_PASSWORD.message);
    await stage.tokens(ADA);
  });

  test('no password is kept, and the state is readable by its owner alone', () => {
    const folder = join(stage.folder, 'cognito');
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain(PASSWORD);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
  });
});

describe('tokens', () => {
  test('an ID token says who signed in, where, until when, and what the client may read', async () => {
    const { IdToken } = await stage.tokens(ADA);
    const claims = await stage.service.verifyIdToken(stage.poolId, IdToken);
    const now = stage.time / 1000;
    expect(claims).toEqual({
      sub: expect.stringMatching(/^[\da-f-]{36}$/),
      'cognito:username': claims?.sub,
      'cognito:groups': ['owner'],
      'custom:merchant': 'm1',
      name: 'Ada',
      email: ADA,
      email_verified: true,
      aud: stage.clientId,
      iss: `${ISSUER_BASE}/${stage.poolId}`,
      token_use: 'id',
      auth_time: now,
      iat: now,
      exp: now + 15 * 60,
      jti: expect.any(String),
      origin_jti: expect.any(String),
      event_id: expect.any(String),
    });
  });

  test('an access token names client and user and lasts as long as the client says', async () => {
    const { AccessToken } = await stage.tokens(ADA);
    expect(decodeJwt(AccessToken)).toMatchObject({
      token_use: 'access',
      client_id: stage.clientId,
      scope: 'aws.cognito.signin.user.admin',
      exp: stage.time / 1000 + 10 * 60,
    });
  });

  test('attributes that the client may not read are in no token', async () => {
    const { ref } = await stage.provisionClient('Narrow', { ReadAttributes: ['email'] });
    const claims = decodeJwt((await stage.tokens(ADA, PASSWORD, ref)).IdToken);
    expect(claims).toMatchObject({ email: ADA });
    expect(claims).not.toHaveProperty('custom:merchant');
    expect(claims).not.toHaveProperty('email_verified');
  });

  test('the published keys verify a token', async () => {
    const { IdToken } = await stage.tokens(ADA);
    const keys = createLocalJWKSet(stage.service.jwks(stage.poolId));
    await expect(jwtVerify(IdToken, keys, { currentDate: new Date(stage.time) })).resolves.toBeDefined();
    expect(JSON.stringify(stage.service.jwks(stage.poolId))).not.toContain('"d":');
  });

  test('a token is refused when expired, altered, of another use, pool or client', async () => {
    const { IdToken, AccessToken } = await stage.tokens(ADA);
    const other = await stage.provision('UserPool', 'Other', {});
    const verify = (poolId: string, token: string, now?: number) =>
      stage.service.verifyIdToken(poolId, token, now);
    expect(await verify(stage.poolId, IdToken, stage.time + 15 * 60_000 - 1)).toBeDefined();
    expect(await verify(stage.poolId, IdToken, stage.time + 15 * 60_000)).toBeUndefined();
    expect(await verify(stage.poolId, AccessToken)).toBeUndefined();
    expect(await verify(other.ref, IdToken)).toBeUndefined();
    expect(await verify(stage.poolId, 'no token')).toBeUndefined();
    const [head, body = '', signature] = IdToken.split('.');
    const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify(Object.assign({}, claims, { 'custom:merchant': 'm2' })));
    expect(
      await verify(stage.poolId, [head, forged.toString('base64url'), signature].join('.')),
    ).toBeUndefined();
  });

  test('a refresh token gives new tokens with the groups of now, until it expires', async () => {
    const { RefreshToken } = await stage.tokens(ADA);
    const signedInAt = stage.time / 1000;
    stage.passMinutes(30);
    await stage.client.send(
      new AdminRemoveUserFromGroupCommand({ UserPoolId: stage.poolId, Username: ADA, GroupName: 'owner' }),
    );
    const { AuthenticationResult } = await stage.refresh(RefreshToken);
    expect(AuthenticationResult).not.toHaveProperty('RefreshToken');
    const claims = decodeJwt(AuthenticationResult?.IdToken ?? '');
    expect(claims).toMatchObject({ auth_time: signedInAt, iat: stage.time / 1000 });
    expect(claims).not.toHaveProperty('cognito:groups');
    stage.passMinutes(720);
    await expect(stage.refresh(RefreshToken)).rejects.toMatchObject(NOT_AUTHORIZED);
  });

  test('a refresh token is worth nothing to another client', async () => {
    const { RefreshToken } = await stage.tokens(ADA);
    const other = await stage.provisionClient('Other');
    await expect(stage.refresh(RefreshToken, other.ref)).rejects.toMatchObject(NOT_AUTHORIZED);
  });

  test('where refresh tokens rotate, the one before is good for the grace period only', async () => {
    const { ref: ClientId } = await stage.provisionClient('Rotating', {
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 },
    });
    const { RefreshToken } = await stage.tokens(ADA, PASSWORD, ClientId);
    const rotate = (token = '') =>
      stage.client.send(new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken: token }));
    const second = (await rotate(RefreshToken)).AuthenticationResult?.RefreshToken;
    expect(second).not.toBe(RefreshToken);
    stage.time += 10_000;
    await expect(rotate(RefreshToken)).rejects.toMatchObject(NOT_AUTHORIZED);
    await expect(rotate(second)).resolves.toBeDefined();
  });
});

describe('signing out', () => {
  const member = () => ({ UserPoolId: stage.poolId, Username: ADA });

  test.each([
    [
      'the user signs out everywhere',
      (AccessToken: string): Promise<unknown> => stage.client.send(new GlobalSignOutCommand({ AccessToken })),
    ],
    [
      'an administrator signs the user out',
      () => stage.client.send(new AdminUserGlobalSignOutCommand(member())),
    ],
    ['an administrator disables the user', () => stage.client.send(new AdminDisableUserCommand(member()))],
  ])('every sign-in ends when %s', async (_, act) => {
    const first = await stage.tokens(ADA);
    const second = await stage.tokens(ADA);
    await act(first.AccessToken);
    for (const { AccessToken, RefreshToken } of [first, second]) {
      await expect(getUser(AccessToken)).rejects.toMatchObject(NOT_AUTHORIZED);
      await expect(stage.refresh(RefreshToken)).rejects.toMatchObject(NOT_AUTHORIZED);
    }
  });

  test('revoking a refresh token ends its sign-in and no other', async () => {
    const first = await stage.tokens(ADA);
    const second = await stage.tokens(ADA);
    await stage.client.send(new RevokeTokenCommand({ ClientId: stage.clientId, Token: first.RefreshToken }));
    await expect(getUser(first.AccessToken)).rejects.toMatchObject(NOT_AUTHORIZED);
    await expect(getUser(second.AccessToken)).resolves.toBeDefined();
  });

  test('a disabled user cannot sign in', async () => {
    await stage.client.send(new AdminDisableUserCommand({ UserPoolId: stage.poolId, Username: ADA }));
    await expect(stage.signIn(ADA)).rejects.toThrow('User is disabled.');
    await expect(bySrp(ADA, PASSWORD)).rejects.toThrow('User is disabled.');
  });
});

describe('second factor', () => {
  test('who enabled an authenticator app needs its code, and each code works once', async () => {
    const { AccessToken } = await stage.tokens(ADA);
    const secret = await enrolAuthenticator(AccessToken);
    await stage.client.send(
      new SetUserMFAPreferenceCommand({
        AccessToken,
        SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
      }),
    );
    expect(await getUser(AccessToken)).toMatchObject({ UserMFASettingList: ['SOFTWARE_TOKEN_MFA'] });
    const challenge = await bySrp(ADA, PASSWORD);
    expect(challenge).toMatchObject({ ChallengeName: 'SOFTWARE_TOKEN_MFA' });
    expect(challenge.AuthenticationResult).toBeUndefined();
    const used = authenticatorCode(secret, stage.time);
    await expect(answerTotp(challenge.Session, used)).rejects.toMatchObject({ name: 'ExpiredCodeException' });
    stage.time += 30_000;
    const code = authenticatorCode(secret, stage.time);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    await expect(answerTotp(challenge.Session, wrong)).rejects.toMatchObject({
      name: 'CodeMismatchException',
    });
    const answer = await answerTotp(challenge.Session, code);
    expect(answer.AuthenticationResult?.IdToken).toBeDefined();
    await expect(answerTotp(challenge.Session, code)).rejects.toMatchObject(NOT_AUTHORIZED);
  });

  test('an app is enrolled only with a code that it shows', async () => {
    const { AccessToken } = await stage.tokens(ADA);
    const { SecretCode = '' } = await stage.client.send(new AssociateSoftwareTokenCommand({ AccessToken }));
    const UserCode = authenticatorCode(SecretCode, stage.time - 120_000);
    await expect(
      stage.client.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode })),
    ).rejects.toMatchObject({ name: 'EnableSoftwareTokenMFAException' });
    await expect(
      stage.client.send(
        new SetUserMFAPreferenceCommand({ AccessToken, SoftwareTokenMfaSettings: { Enabled: true } }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('a pool that requires a second factor has it set up during the first sign-in', async () => {
    await stage.start({ MfaConfiguration: 'ON' });
    const challenge = await stage.signIn(ADA);
    expect(challenge.ChallengeName).toBe('MFA_SETUP');
    const finish = (Session: string | undefined) =>
      stage.client.send(
        new RespondToAuthChallengeCommand({
          ChallengeName: 'MFA_SETUP',
          ClientId: stage.clientId,
          Session,
          ChallengeResponses: { USERNAME: ADA },
        }),
      );
    await expect(finish(challenge.Session)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    const associated = await stage.client.send(
      new AssociateSoftwareTokenCommand({ Session: challenge.Session }),
    );
    const verified = await stage.client.send(
      new VerifySoftwareTokenCommand({
        Session: associated.Session,
        UserCode: authenticatorCode(associated.SecretCode ?? '', stage.time),
      }),
    );
    expect((await finish(verified.Session)).AuthenticationResult?.IdToken).toBeDefined();
    expect((await stage.signIn(ADA)).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
  });

  test('a challenge waits three minutes for its answer', async () => {
    const { AccessToken } = await stage.tokens(ADA);
    const secret = await enrolAuthenticator(AccessToken);
    await stage.client.send(
      new SetUserMFAPreferenceCommand({ AccessToken, SoftwareTokenMfaSettings: { Enabled: true } }),
    );
    const { Session } = await stage.signIn(ADA);
    stage.passMinutes(3);
    await expect(answerTotp(Session, authenticatorCode(secret, stage.time))).rejects.toMatchObject(
      NOT_AUTHORIZED,
    );
  });
});

test('after a restart users, sign-ins, challenges, second factors and signing keys are as before', async () => {
  const before = await stage.tokens(ADA);
  const secret = await enrolAuthenticator(before.AccessToken);
  await stage.client.send(
    new SetUserMFAPreferenceCommand({
      AccessToken: before.AccessToken,
      SoftwareTokenMfaSettings: { Enabled: true },
    }),
  );
  const { Session } = await stage.signIn(ADA);
  const { poolId, clientId } = stage;
  await stage.start();
  expect([stage.poolId, stage.clientId]).toEqual([poolId, clientId]);
  expect(await stage.service.verifyIdToken(poolId, before.IdToken)).toMatchObject({
    'cognito:groups': ['owner'],
  });
  await expect(getUser(before.AccessToken)).resolves.toBeDefined();
  await expect(stage.refresh(before.RefreshToken)).resolves.toBeDefined();
  stage.time += 30_000;
  await expect(answerTotp(Session, authenticatorCode(secret, stage.time))).resolves.toMatchObject({
    AuthenticationResult: { TokenType: 'Bearer' },
  });
});
