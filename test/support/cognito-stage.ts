import { createHmac } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { Cognito } from '../../local/services/cognito/cognito';
import { Mailbox } from '../../local/services/mailbox';
import { serveAwsJson } from './aws-json-server';

export const ISSUER_BASE = 'http://127.0.0.1:9/cognito';
export const PASSWORD = 'Correct-Horse-1';

const STAFF_POOL = {
  UsernameAttributes: ['email'],
  UsernameConfiguration: { CaseSensitive: false },
  AutoVerifiedAttributes: ['email'],
  AdminCreateUserConfig: {
    AllowAdminCreateUserOnly: true,
    InviteMessageTemplate: { EmailSubject: 'Welcome', EmailMessage: 'User {username}, password {####}' },
  },
  Policies: {
    PasswordPolicy: {
      MinimumLength: 12,
      RequireUppercase: true,
      RequireLowercase: true,
      RequireNumbers: true,
      RequireSymbols: true,
      TemporaryPasswordValidityDays: 3,
    },
  },
  Schema: [
    { Name: 'name', Mutable: true, Required: true },
    { Name: 'merchant', AttributeDataType: 'String', StringAttributeConstraints: { MaxLength: '8' } },
  ],
  MfaConfiguration: 'OPTIONAL',
  EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
};

const STAFF_CLIENT = {
  ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  IdTokenValidity: 15,
  AccessTokenValidity: 10,
  RefreshTokenValidity: 720,
  TokenValidityUnits: { IdToken: 'minutes', AccessToken: 'minutes', RefreshToken: 'minutes' },
  PreventUserExistenceErrors: 'ENABLED',
  ReadAttributes: ['email', 'email_verified', 'name', 'custom:merchant'],
  WriteAttributes: ['name', 'email'],
};

/** Signing keys take long to make: the tests of one file share those of its first stage. */
const sharedKeys = join(mkdtempSync(join(tmpdir(), 'cognito-keys-')), 'keys.jsonl');
afterAll(() => rmSync(dirname(sharedKeys), { recursive: true }));

/** A pool of staff behind real SDK clients, with a clock that tests set; state in a folder of its own. */
export class CognitoStage {
  /** Epoch milliseconds. */
  time = Date.UTC(2026, 0, 1);
  service!: Cognito;
  mailbox!: Mailbox;
  client!: CognitoIdentityProviderClient;
  poolId = '';
  clientId = '';
  readonly folder = mkdtempSync(join(tmpdir(), 'cognito-'));
  #close: () => Promise<void> = async () => {};

  /** Starts, or starts again on the same state, and provisions what the template says. */
  async start(pool: Record<string, unknown> = {}, client: Record<string, unknown> = {}): Promise<void> {
    await this.#close();
    this.mailbox = new Mailbox(join(this.folder, 'mailbox.jsonl'));
    const stateFolder = join(this.folder, 'cognito');
    const keys = join(stateFolder, 'keys.jsonl');
    if (existsSync(sharedKeys) && !existsSync(keys)) {
      mkdirSync(stateFolder);
      copyFileSync(sharedKeys, keys);
    }
    this.service = new Cognito({
      stateFolder,
      issuerBase: ISSUER_BASE,
      mailbox: this.mailbox,
      now: () => this.time,
    });
    const server = await serveAwsJson({ AWSCognitoIdentityProviderService: this.service });
    this.client = new CognitoIdentityProviderClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
    this.#close = async () => {
      this.client.destroy();
      await server.close();
      this.service.close();
      this.mailbox.close();
    };
    this.poolId = (await this.provision('UserPool', 'Staff', { ...STAFF_POOL, ...pool })).ref;
    if (!existsSync(sharedKeys)) copyFileSync(keys, sharedKeys);
    this.clientId = (await this.provisionClient('Console', client)).ref;
    for (const GroupName of ['owner', 'support']) {
      await this.provision('UserPoolGroup', GroupName, { UserPoolId: this.poolId, GroupName });
    }
  }

  async close(): Promise<void> {
    await this.#close();
    rmSync(this.folder, { recursive: true });
  }

  async provision(type: string, logicalId: string, properties: Record<string, unknown>) {
    const fullType = `AWS::Cognito::${type}`;
    const provisioner = this.service.provisioners[fullType];
    if (provisioner === undefined) throw new Error(`no provisioner of ${fullType}`);
    const physicalName = `test-${logicalId}`;
    return provisioner({ type: fullType, stackName: 'Test', logicalId, physicalName, properties });
  }

  provisionClient(logicalId: string, properties: Record<string, unknown> = {}) {
    return this.provision('UserPoolClient', logicalId, {
      ...STAFF_CLIENT,
      UserPoolId: this.poolId,
      ...properties,
    });
  }

  /** A member with a permanent password, verified e-mail and the group owner. */
  async member(Username: string): Promise<void> {
    const who = { UserPoolId: this.poolId, Username };
    await this.client.send(
      new AdminCreateUserCommand({
        ...who,
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'name', Value: 'Ada' },
          { Name: 'email_verified', Value: 'true' },
          { Name: 'custom:merchant', Value: 'm1' },
        ],
      }),
    );
    await this.client.send(new AdminSetUserPasswordCommand({ ...who, Password: PASSWORD, Permanent: true }));
    await this.client.send(new AdminAddUserToGroupCommand({ ...who, GroupName: 'owner' }));
  }

  signIn(username: string, password = PASSWORD, ClientId = this.clientId) {
    return this.client.send(
      new InitiateAuthCommand({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId,
        AuthParameters: { USERNAME: username, PASSWORD: password },
      }),
    );
  }

  /** The tokens of a sign-in that needs nothing but the password. */
  async tokens(username: string, password = PASSWORD, clientId = this.clientId) {
    const { AuthenticationResult } = await this.signIn(username, password, clientId);
    const { IdToken, AccessToken, RefreshToken } = AuthenticationResult ?? {};
    if (!IdToken || !AccessToken || !RefreshToken) throw new Error('not signed in');
    return { IdToken, AccessToken, RefreshToken };
  }

  refresh(token: string, ClientId = this.clientId) {
    return this.client.send(
      new InitiateAuthCommand({
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        ClientId,
        AuthParameters: { REFRESH_TOKEN: token },
      }),
    );
  }

  /** The code at the end of the newest mail to the address. */
  mailedCode(to: string): string {
    const text = this.mailbox.messages().find((mail) => mail.to === to)?.text ?? '';
    return /(\d{6})\D*$/.exec(text)?.[1] ?? '';
  }

  passMinutes(minutes: number): void {
    this.time += minutes * 60_000;
  }
}

/** What an authenticator app shows at the given time (epoch milliseconds). */
export function authenticatorCode(secret: string, time: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const value = [...secret].reduce((sum, letter) => sum * 32n + BigInt(alphabet.indexOf(letter)), 0n);
  const key = Buffer.from(value.toString(16).padStart((secret.length * 5) / 4, '0'), 'hex');
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(Math.floor(time / 30_000), 4);
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = mac.readUInt8(19) % 16;
  return String((mac.readUInt32BE(offset) % 2 ** 31) % 1_000_000).padStart(6, '0');
}
