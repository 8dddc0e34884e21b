import {
  AdminCreateUserCommand,
  type AdminCreateUserCommandInput,
  AdminDeleteUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminListGroupsForUserCommand,
  AdminUpdateUserAttributesCommand,
  ChangePasswordCommand,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  DescribeUserPoolClientCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  ListUserPoolsCommand,
  ListUsersCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { CognitoStage, ISSUER_BASE, PASSWORD } from '../support/cognito-stage';

const ADA = 'ada@example.com';
const NEW_PASSWORD = 'Battery-Staple-2';
const NOT_AUTHORIZED = { name: 'NotAuthorizedException' };
const INVALID_PARAMETER = { name: 'InvalidParameterException' };

let stage: CognitoStage;

beforeEach(async () => {
  stage = new CognitoStage();
  await stage.start();
});
afterEach(() => stage.close());

const invite = (Username: string, more: Partial<AdminCreateUserCommandInput> = {}) =>
  stage.client.send(new AdminCreateUserCommand({ UserPoolId: stage.poolId, Username, ...more }));

const invitedPassword = () => /password (.+)$/.exec(stage.mailbox.messages()[0]?.text ?? '')?.[1] ?? '';

const chooseNewPassword = (Session: string | undefined, password: string, more = {}) =>
  stage.client.send(
    new RespondToAuthChallengeCommand({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      ClientId: stage.clientId,
      Session,
      ChallengeResponses: { USERNAME: ADA, NEW_PASSWORD: password, 'userAttributes.name': 'Ada', ...more },
    }),
  );

const forgot = (Username: string) =>
  stage.client.send(new ForgotPasswordCommand({ ClientId: stage.clientId, Username }));

const confirmForgot = (ConfirmationCode: string, Username = ADA, Password = NEW_PASSWORD) =>
  stage.client.send(
    new ConfirmForgotPasswordCommand({ ClientId: stage.clientId, Username, ConfirmationCode, Password }),
  );

const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

const attributesOf = async (Username: string) => {
  const { UserAttributes = [] } = await stage.client.send(
    new AdminGetUserCommand({ UserPoolId: stage.poolId, Username }),
  );
  return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
};

describe('invitations', () => {
  test('an invited member signs in with the mailed password and has to choose an own one', async () => {
    const { User } = await invite(ADA, { UserAttributes: [{ Name: 'custom:merchant', Value: 'm1' }] });
    expect(User).toMatchObject({ UserStatus: 'FORCE_CHANGE_PASSWORD', Enabled: true });
    expect(stage.mailbox.messages()).toMatchObject([{ to: ADA, subject: 'Welcome', at: stage.time }]);
    expect(stage.mailbox.messages()[0]?.text).toContain(`User ${ADA}`);
    const challenge = await stage.signIn(ADA, invitedPassword());
    expect(challenge).toMatchObject({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      ChallengeParameters: { requiredAttributes: '["userAttributes.name"]' },
    });
    const answer = await chooseNewPassword(challenge.Session, NEW_PASSWORD);
    expect(answer.AuthenticationResult?.IdToken).toBeDefined();
    await stage.tokens(ADA, NEW_PASSWORD);
    expect(await attributesOf(ADA)).toMatchObject({ name: 'Ada', 'custom:merchant': 'm1' });
  });

  test('a weak choice, a missing attribute or one that is not the member’s to write can be corrected', async () => {
    await invite(ADA);
    const { Session } = await stage.signIn(ADA, invitedPassword());
    await expect(chooseNewPassword(Session, 'short')).rejects.toMatchObject({
      name: 'InvalidPasswordException',
    });
    await expect(
      chooseNewPassword(Session, NEW_PASSWORD, { 'userAttributes.name': '' }),
    ).rejects.toMatchObject(INVALID_PARAMETER);
    await expect(
      chooseNewPassword(Session, NEW_PASSWORD, { 'userAttributes.custom:merchant': 'm2' }),
    ).rejects.toMatchObject(NOT_AUTHORIZED);
    await chooseNewPassword(Session, NEW_PASSWORD);
    await expect(chooseNewPassword(Session, NEW_PASSWORD)).rejects.toMatchObject(NOT_AUTHORIZED);
  });

  test('a mailed password expires and a new invitation brings another', async () => {
    await invite(ADA);
    const first = invitedPassword();
    stage.passMinutes(3 * 24 * 60);
    await expect(stage.signIn(ADA, first)).rejects.toThrow(/Temporary password has expired/);
    await invite(ADA, { MessageAction: 'RESEND' });
    expect(invitedPassword()).not.toBe(first);
    await expect(stage.signIn(ADA, invitedPassword())).resolves.toMatchObject({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
    });
  });

  test('nobody is invited twice, without an address, or with a password against the policy', async () => {
    await invite(ADA, { MessageAction: 'SUPPRESS' });
    expect(stage.mailbox.messages()).toEqual([]);
    await expect(invite('ADA@example.com')).rejects.toMatchObject({ name: 'UsernameExistsException' });
    await expect(invite('ada')).rejects.toMatchObject(INVALID_PARAMETER);
    await expect(invite('bob@example.com', { TemporaryPassword: 'alllowercase1!' })).rejects.toMatchObject({
      name: 'InvalidPasswordException',
    });
  });
});

describe('forgotten passwords', () => {
  beforeEach(() => stage.member(ADA));

  test('the mailed code sets a new password, once', async () => {
    const { CodeDeliveryDetails } = await forgot(ADA);
    expect(CodeDeliveryDetails).toMatchObject({ DeliveryMedium: 'EMAIL', Destination: 'a***@e***' });
    const code = stage.mailedCode(ADA);
    await confirmForgot(code);
    await stage.tokens(ADA, NEW_PASSWORD);
    await expect(stage.signIn(ADA, PASSWORD)).rejects.toMatchObject(NOT_AUTHORIZED);
    await expect(confirmForgot(code)).rejects.toMatchObject({ name: 'CodeMismatchException' });
  });

  test('a code is worth nothing after an hour or after a newer one', async () => {
    await forgot(ADA);
    const first = stage.mailedCode(ADA);
    await forgot(ADA);
    const second = stage.mailedCode(ADA);
    if (first !== second) {
      await expect(confirmForgot(first)).rejects.toMatchObject({ name: 'CodeMismatchException' });
    }
    stage.passMinutes(60);
    await expect(confirmForgot(second)).rejects.toMatchObject({ name: 'ExpiredCodeException' });
  });

  test('five wrong guesses end the guessing for an hour, also after a restart and with a new code', async () => {
    await forgot(ADA);
    const wrong = otherThan(stage.mailedCode(ADA));
    for (let guess = 1; guess <= 5; guess++) {
      await expect(confirmForgot(wrong)).rejects.toMatchObject({ name: 'CodeMismatchException' });
    }
    await stage.start();
    await forgot(ADA);
    await expect(confirmForgot(stage.mailedCode(ADA))).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    stage.passMinutes(60);
    await forgot(ADA);
    await confirmForgot(stage.mailedCode(ADA));
  });

  test('who does not exist is answered alike and gets no mail', async () => {
    const stranger = 'eve@example.com';
    expect((await forgot(stranger)).CodeDeliveryDetails).toEqual(
      (await forgot('e@else')).CodeDeliveryDetails,
    );
    expect(stage.mailbox.messages()).toEqual([]);
    await expect(confirmForgot('123456', stranger)).rejects.toMatchObject({ name: 'CodeMismatchException' });
  });

  test('a pool may leave resets to administrators', async () => {
    await stage.start({
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] },
    });
    await expect(forgot(ADA)).rejects.toMatchObject(NOT_AUTHORIZED);
  });
});

describe('own account', () => {
  let AccessToken: string;

  beforeEach(async () => {
    await stage.member(ADA);
    ({ AccessToken } = await stage.tokens(ADA));
  });

  const update = (Name: string, Value: string) =>
    stage.client.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes: [{ Name, Value }] }));

  test('a password is changed by who knows the one before', async () => {
    const change = (PreviousPassword: string, ProposedPassword: string) =>
      stage.client.send(new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword }));
    await expect(change('wrong', NEW_PASSWORD)).rejects.toMatchObject(NOT_AUTHORIZED);
    await expect(change(PASSWORD, 'weak')).rejects.toMatchObject({ name: 'InvalidPasswordException' });
    await change(PASSWORD, NEW_PASSWORD);
    await stage.tokens(ADA, NEW_PASSWORD);
  });

  test('a member cannot write the merchant, nor call its own e-mail verified', async () => {
    await expect(update('custom:merchant', 'm2')).rejects.toMatchObject(NOT_AUTHORIZED);
    await expect(update('email_verified', 'true')).rejects.toMatchObject(NOT_AUTHORIZED);
    await update('name', 'Ada L.');
    const { UserAttributes } = await stage.client.send(new GetUserCommand({ AccessToken }));
    expect(UserAttributes).toContainEqual({ Name: 'name', Value: 'Ada L.' });
    expect(UserAttributes).toContainEqual({ Name: 'custom:merchant', Value: 'm1' });
  });

  test('a client without a list of its own writes no custom attribute', async () => {
    const { ref } = await stage.provisionClient('Unlisted', { WriteAttributes: undefined });
    ({ AccessToken } = await stage.tokens(ADA, PASSWORD, ref));
    await expect(update('custom:merchant', 'm2')).rejects.toMatchObject(NOT_AUTHORIZED);
  });

  test('a new e-mail address signs in at once and is verified by the code mailed to it', async () => {
    await update('email', 'lovelace@example.com');
    await stage.tokens('lovelace@example.com');
    await expect(stage.signIn(ADA)).rejects.toMatchObject(NOT_AUTHORIZED);
    expect((await attributesOf('lovelace@example.com')).email_verified).toBe('false');
    const Code = stage.mailedCode('lovelace@example.com');
    await stage.client.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: 'email', Code }));
    expect((await attributesOf('lovelace@example.com')).email_verified).toBe('true');
  });

  test('an e-mail address belongs to one user', async () => {
    await stage.member('bob@example.com');
    await expect(update('email', 'BOB@example.com')).rejects.toMatchObject({ name: 'AliasExistsException' });
    await stage.tokens(ADA);
  });
});

describe('administration', () => {
  const named = () => ({ UserPoolId: stage.poolId, Username: ADA });
  beforeEach(() => stage.member(ADA));

  test('attributes follow the schema: what cannot change does not, what is unknown or too long is refused', async () => {
    const update = (Name: string, Value: string) =>
      stage.client.send(
        new AdminUpdateUserAttributesCommand({ ...named(), UserAttributes: [{ Name, Value }] }),
      );
    await expect(update('custom:merchant', 'm2')).rejects.toThrow(/cannot be updated/);
    await expect(update('custom:other', 'x')).rejects.toThrow(/custom:other/);
    await expect(
      invite('bob@example.com', { UserAttributes: [{ Name: 'custom:merchant', Value: '123456789' }] }),
    ).rejects.toMatchObject(INVALID_PARAMETER);
    await update('name', 'Ada L.');
    expect(await attributesOf(ADA)).toMatchObject({ name: 'Ada L.', email_verified: 'true' });
  });

  test('users are found by e-mail and listed page by page', async () => {
    await stage.member('bob@example.com');
    const list = (more: { Filter?: string; Limit?: number; PaginationToken?: string }) =>
      stage.client.send(new ListUsersCommand({ UserPoolId: stage.poolId, ...more }));
    const { Users = [] } = await list({ Filter: 'email = "Ada@example.com"' });
    expect(Users).toHaveLength(1);
    expect(Users[0]?.Attributes).toContainEqual({ Name: 'email', Value: ADA });
    expect((await list({ Filter: 'email ^= "b"' })).Users).toHaveLength(1);
    const first = await list({ Limit: 1 });
    const second = await list({ Limit: 1, PaginationToken: first.PaginationToken });
    expect(second.Users?.[0]?.Username).not.toBe(first.Users?.[0]?.Username);
    expect(second.PaginationToken).toBeUndefined();
    await expect(list({ Filter: 'custom:merchant = "m1"' })).rejects.toMatchObject(INVALID_PARAMETER);
  });

  test('a deleted user is gone with its sign-ins, and its address is free again', async () => {
    const { AccessToken, RefreshToken } = await stage.tokens(ADA);
    await stage.client.send(new AdminDeleteUserCommand(named()));
    await expect(stage.client.send(new GetUserCommand({ AccessToken }))).rejects.toBeDefined();
    await expect(stage.refresh(RefreshToken)).rejects.toMatchObject(NOT_AUTHORIZED);
    await expect(stage.client.send(new AdminEnableUserCommand(named()))).rejects.toMatchObject({
      name: 'UserNotFoundException',
    });
    await stage.member(ADA);
  });

  test('groups, pools and clients can be looked up', async () => {
    const { Groups } = await stage.client.send(new AdminListGroupsForUserCommand(named()));
    expect(Groups?.map(({ GroupName }) => GroupName)).toEqual(['owner']);
    const { UserPools } = await stage.client.send(new ListUserPoolsCommand({ MaxResults: 10 }));
    expect(UserPools).toEqual([{ Id: stage.poolId, Name: 'test-Staff' }]);
    const { UserPoolClient } = await stage.client.send(
      new DescribeUserPoolClientCommand({ UserPoolId: stage.poolId, ClientId: stage.clientId }),
    );
    expect(UserPoolClient).toMatchObject({
      ClientName: 'test-Console',
      WriteAttributes: ['name', 'email'],
      IdTokenValidity: 15,
    });
  });
});

describe('signing up', () => {
  const signUp = () =>
    stage.client.send(
      new SignUpCommand({
        ClientId: stage.clientId,
        Username: ADA,
        Password: PASSWORD,
        UserAttributes: [{ Name: 'name', Value: 'Ada' }],
      }),
    );

  test('nobody signs up where administrators alone create users', async () => {
    await expect(signUp()).rejects.toMatchObject(NOT_AUTHORIZED);
  });

  test('where it is open, the mailed code opens the account', async () => {
    await stage.start({ AdminCreateUserConfig: { AllowAdminCreateUserOnly: false } });
    expect(await signUp()).toMatchObject({ UserConfirmed: false });
    await expect(stage.signIn(ADA)).rejects.toMatchObject({ name: 'UserNotConfirmedException' });
    const confirm = (ConfirmationCode: string) =>
      stage.client.send(
        new ConfirmSignUpCommand({ ClientId: stage.clientId, Username: ADA, ConfirmationCode }),
      );
    const code = stage.mailedCode(ADA);
    await expect(confirm(otherThan(code))).rejects.toMatchObject({ name: 'CodeMismatchException' });
    await confirm(code);
    await stage.tokens(ADA);
    expect((await attributesOf(ADA)).email_verified).toBe('true');
  });
});

describe('templates', () => {
  test('a pool tells its id, ARN and issuer', async () => {
    const { ref, attributes } = await stage.provision('UserPool', 'Other', {});
    expect(ref).toMatch(/^us-east-1_[A-Za-z\d]{9}$/);
    expect(attributes).toEqual({
      Arn: `arn:aws:cognito-idp:us-east-1:000000000000:userpool/${ref}`,
      ProviderName: `${ISSUER_BASE}/${ref}`.replace('http://', ''),
      ProviderURL: `${ISSUER_BASE}/${ref}`,
      UserPoolId: ref,
    });
  });

  test.each([
    ['UserPool', { LambdaConfig: { PreSignUp: 'arn' } }, /LambdaConfig/],
    ['UserPool', { UsernameAttributes: ['phone_number'] }, /UsernameAttributes/],
    ['UserPool', { MfaConfiguration: 'ON', EnabledMfas: ['SMS_MFA'] }, /EnabledMfas/],
    ['UserPool', { UsernameConfiguration: { CaseSensitive: true } }, /CaseSensitive/],
    ['UserPoolClient', { GenerateSecret: true }, /GenerateSecret/],
    ['UserPoolClient', { ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH'] }, /ExplicitAuthFlows/],
    ['UserPoolClient', { AllowedOAuthFlowsUserPoolClient: true }, /AllowedOAuthFlowsUserPoolClient/],
    ['UserPoolClient', { IdTokenValidity: 2, TokenValidityUnits: { IdToken: 'minutes' } }, /5 minutes/],
    ['UserPoolGroup', { RoleArn: 'arn' }, /RoleArn/],
  ])('a %s with %j is refused by name', async (type, properties, expected) => {
    const pool = type === 'UserPool' ? {} : { UserPoolId: stage.poolId };
    await expect(stage.provision(type, 'Unsupported', { ...pool, ...properties })).rejects.toThrow(expected);
  });

  test('an operation or a parameter that does not exist here is refused by name', async () => {
    await expect(
      stage.client.send(
        new AdminInitiateAuthCommand({
          UserPoolId: stage.poolId,
          ClientId: stage.clientId,
          AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        }),
      ),
    ).rejects.toThrow(/AdminInitiateAuth/);
    await expect(invite(ADA, { DesiredDeliveryMediums: ['SMS'] })).rejects.toThrow(/DesiredDeliveryMediums/);
  });
});
