import { Duration, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  ClientAttributes,
  Mfa,
  StringAttribute,
  UserPool,
  type UserPoolClient,
  UserPoolGroup,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { MERCHANT_ATTRIBUTE, roles } from '../../lambdas/contract/staff';
import type { Stage } from '../stage';

/** Who works for merchants. Members are invited, never sign up, and belong to one merchant for good. */
export class StaffPool extends Construct {
  readonly userPool: UserPool;
  readonly client: UserPoolClient;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id);
    this.userPool = new UserPool(this, 'UserPool', {
      signInAliases: { email: true },
      signInCaseSensitive: false,
      selfSignUpEnabled: false,
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      customAttributes: { [MERCHANT_ATTRIBUTE]: new StringAttribute({ mutable: false }) },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(7),
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      userInvitation: {
        emailSubject: 'Vouchsafe：邀请您登录商户后台 / your invitation to the merchant console',
        emailBody:
          '<p>您的账号 {username}，临时密码 {####}，7 天内首次登录并修改密码。</p>' +
          '<p>Your account is {username}, your temporary password {####}. Sign in within 7 days and choose your own.</p>',
      },
      deletionProtection: stage.isProduction,
      removalPolicy: stage.removalPolicy,
    });
    this.client = this.userPool.addClient('Console', {
      disableOAuth: true,
      // A password in the request suits a terminal; in production it never leaves the browser.
      authFlows: { userSrp: true, userPassword: !stage.isProduction },
      preventUserExistenceErrors: true,
      idTokenValidity: Duration.minutes(15),
      accessTokenValidity: Duration.minutes(15),
      refreshTokenValidity: Duration.hours(12),
      readAttributes: new ClientAttributes()
        .withStandardAttributes({ email: true, emailVerified: true, fullname: true })
        .withCustomAttributes(MERCHANT_ATTRIBUTE),
      // The merchant is not among them.
      writeAttributes: new ClientAttributes().withStandardAttributes({ fullname: true }),
    });
    for (const groupName of roles) {
      new UserPoolGroup(this, groupName, { userPool: this.userPool, groupName });
    }
    Validations.of(this.userPool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason: 'Each member may set up a second factor; a merchant is not forced to.',
      },
      {
        id: 'AwsSolutions-COG3',
        reason: 'Threat protection costs per user; a merchant who wants it pays for it.',
      },
      {
        id: 'AwsSolutions-COG8',
        reason: 'The Plus plan costs per user; a merchant who wants it pays for it.',
      },
    );
  }
}
