import * as z from 'zod';
import { flag, integer, withoutEffect } from '../resource-properties';

/*
 * The properties of the Cognito resources. Every object is strict: a property that is not named here would change how
 * a pool behaves, and is refused by its name.
 */

const messageTemplate = z.strictObject({
  EmailMessage: z.string().optional(),
  EmailSubject: z.string().optional(),
  /** No text messages are sent here. */
  SMSMessage: z.string().optional(),
});

const passwordPolicy = z.strictObject({
  MinimumLength: integer.min(6).max(99).default(8),
  RequireLowercase: flag.default(false),
  RequireUppercase: flag.default(false),
  RequireNumbers: flag.default(false),
  RequireSymbols: flag.default(false),
  TemporaryPasswordValidityDays: integer.min(1).max(365).default(7),
});

const DEFAULT_PASSWORD_POLICY: z.output<typeof passwordPolicy> = {
  MinimumLength: 8,
  RequireLowercase: true,
  RequireUppercase: true,
  RequireNumbers: true,
  RequireSymbols: true,
  TemporaryPasswordValidityDays: 7,
};

const limit = z.coerce.number().optional();

const schemaAttribute = z.strictObject({
  Name: z.string().min(1).max(20),
  AttributeDataType: z.enum(['String', 'Number', 'Boolean', 'DateTime']).default('String'),
  Mutable: flag.default(false),
  Required: flag.default(false),
  StringAttributeConstraints: z.strictObject({ MinLength: limit, MaxLength: limit }).optional(),
  NumberAttributeConstraints: z.strictObject({ MinValue: limit, MaxValue: limit }).optional(),
});

export type SchemaAttribute = z.output<typeof schemaAttribute>;

export const userPoolProperties = z.strictObject({
  UserPoolName: z.string().optional(),
  AccountRecoverySetting: z
    .strictObject({
      RecoveryMechanisms: z.array(
        z.strictObject({
          Name: z.enum(['verified_email', 'verified_phone_number', 'admin_only']),
          Priority: integer,
        }),
      ),
    })
    .optional(),
  AdminCreateUserConfig: z
    .strictObject({
      AllowAdminCreateUserOnly: flag.optional(),
      InviteMessageTemplate: messageTemplate.optional(),
    })
    .optional(),
  AutoVerifiedAttributes: z.array(z.literal('email')).default([]),
  EmailVerificationMessage: z.string().optional(),
  EmailVerificationSubject: z.string().optional(),
  VerificationMessageTemplate: z
    .strictObject({
      DefaultEmailOption: z.literal('CONFIRM_WITH_CODE').optional(),
      EmailMessage: z.string().optional(),
      EmailSubject: z.string().optional(),
      SmsMessage: z.string().optional(),
    })
    .optional(),
  EnabledMfas: z.array(z.literal('SOFTWARE_TOKEN_MFA')).default([]),
  MfaConfiguration: z.enum(['OFF', 'OPTIONAL', 'ON']).default('OFF'),
  Policies: z
    .strictObject({
      PasswordPolicy: passwordPolicy.default(DEFAULT_PASSWORD_POLICY),
      SignInPolicy: z.strictObject({ AllowedFirstAuthFactors: z.array(z.literal('PASSWORD')) }).optional(),
    })
    .default({ PasswordPolicy: DEFAULT_PASSWORD_POLICY }),
  Schema: z.array(schemaAttribute).default([]),
  UsernameAttributes: z.array(z.literal('email')).default([]),
  UsernameConfiguration: z.strictObject({ CaseSensitive: flag.pipe(z.literal(false)) }).optional(),

  // Seen by nobody who signs in: how mail leaves AWS, risk scores, prices, protection of the pool itself.
  DeletionProtection: withoutEffect,
  EmailConfiguration: withoutEffect,
  SmsVerificationMessage: withoutEffect,
  UserPoolAddOns: z
    .strictObject({ AdvancedSecurityMode: z.enum(['OFF', 'AUDIT', 'ENFORCED']).optional() })
    .optional(),
  UserPoolTags: withoutEffect,
  UserPoolTier: withoutEffect,
});

export type UserPoolProperties = z.output<typeof userPoolProperties>;

const authFlow = z.enum(['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH']);

export type AuthFlow = z.output<typeof authFlow>;

const unit = z.enum(['seconds', 'minutes', 'hours', 'days']);

export const userPoolClientProperties = z
  .strictObject({
    UserPoolId: z.string(),
    ClientName: z.string().optional(),
    AccessTokenValidity: integer.positive().optional(),
    IdTokenValidity: integer.positive().optional(),
    RefreshTokenValidity: integer.positive().optional(),
    TokenValidityUnits: z
      .strictObject({
        AccessToken: unit.optional(),
        IdToken: unit.optional(),
        RefreshToken: unit.optional(),
      })
      .optional(),
    /** Minutes that a challenge waits for its answer. */
    AuthSessionValidity: integer.min(3).max(15).default(3),
    EnableTokenRevocation: flag.default(true),
    ExplicitAuthFlows: z.array(authFlow).default(['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH']),
    GenerateSecret: flag.pipe(z.literal(false)).optional(),
    PreventUserExistenceErrors: z.enum(['ENABLED', 'LEGACY']).default('LEGACY'),
    ReadAttributes: z.array(z.string()).optional(),
    WriteAttributes: z.array(z.string()).optional(),
    RefreshTokenRotation: z
      .strictObject({
        Feature: z.enum(['ENABLED', 'DISABLED']),
        RetryGracePeriodSeconds: integer.min(0).max(60).default(0),
      })
      .optional(),
    SupportedIdentityProviders: z.array(z.literal('COGNITO')).optional(),
    // Hosted sign-in pages are not served here.
    AllowedOAuthFlowsUserPoolClient: flag.pipe(z.literal(false)).optional(),
  })
  .refine(
    ({ ExplicitAuthFlows, RefreshTokenRotation }) =>
      RefreshTokenRotation?.Feature !== 'ENABLED' || !ExplicitAuthFlows.includes('ALLOW_REFRESH_TOKEN_AUTH'),
    'RefreshTokenRotation excludes ALLOW_REFRESH_TOKEN_AUTH',
  );

export type UserPoolClientProperties = z.output<typeof userPoolClientProperties>;

export const userPoolGroupProperties = z.strictObject({
  UserPoolId: z.string(),
  GroupName: z.string().optional(),
  Description: z.string().optional(),
  Precedence: integer.min(0).optional(),
});
