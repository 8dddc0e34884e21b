import * as z from 'zod';
import type { Operations } from '../aws-json-operations';
import { saveAttributes } from './attribute-changes';
import {
  attributeList,
  changedAttributes,
  checkWritable,
  initialAttributes,
  isEmail,
  missingAttributes,
  readableAttributes,
} from './attributes';
import { asCaller, type CognitoContext, invalidParameter, notAuthorized, operation } from './context';
import { codeMismatch, deliveryDetails } from './mailed-codes';
import { hidesExistence, rejected, unknownUser } from './password-sign-in';
import { checkNotLocked, checkPasswordPolicy, isPasswordOf, withPermanentPassword } from './passwords';
import type { UserPool } from './user-pools';
import { mfaSettings, type User, userAttributes } from './user-store';

/** For triggers and risk scores, which do not exist here. */
const unused = z.unknown().optional();
const aside = { ClientMetadata: unused, AnalyticsMetadata: unused, UserContextData: unused };

/** What people do with their own account. */
export function accountOperations(context: CognitoContext): Operations {
  return { ...signUp(context), ...passwordChanges(context), ...ownAttributes(context) };
}

function signUp(context: CognitoContext): Operations {
  const { pools, users, codes } = context;
  return {
    SignUp: operation(
      z.strictObject({
        ClientId: z.string(),
        Username: z.string().min(1),
        Password: z.string(),
        UserAttributes: attributeList.default({}),
        ValidationData: unused,
        ...aside,
      }),
      ({ ClientId, Username, Password, UserAttributes }) => {
        const { pool, client } = pools.ofClient(ClientId);
        if (pool.properties.AdminCreateUserConfig?.AllowAdminCreateUserOnly) {
          throw notAuthorized('SignUp is not permitted for this user pool');
        }
        checkWritable(client, UserAttributes);
        const attributes = initialAttributes(pool, Username, UserAttributes);
        const [missing] = missingAttributes(pool, attributes);
        if (missing !== undefined) {
          throw invalidParameter(
            `Attributes did not conform to the schema: ${missing}: The attribute is required`,
          );
        }
        checkPasswordPolicy(pool, Password);
        const user = users.create(pool, Username, { attributes, password: Password, status: 'UNCONFIRMED' });
        return {
          UserConfirmed: false,
          UserSub: user.sub,
          CodeDeliveryDetails: sendsCodes(pool, user)
            ? codes.send(pool, user, user.attributes.email, 'confirm-sign-up')
            : undefined,
        };
      },
    ),
    ConfirmSignUp: operation(
      z.strictObject({ ClientId: z.string(), Username: z.string(), ConfirmationCode: z.string(), ...aside }),
      ({ ClientId, Username, ConfirmationCode }) => {
        const { pool, client } = pools.ofClient(ClientId);
        const user = users.find(pool, Username);
        if (user === undefined) throw hidesExistence(client) ? codeMismatch() : unknownUser(client);
        if (user.status !== 'UNCONFIRMED') {
          throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
        }
        codes.redeem(user, 'confirm-sign-up', ConfirmationCode);
        const attributes = { ...user.attributes, email_verified: 'true' };
        users.save({ ...user, attributes, status: 'CONFIRMED' });
        return {};
      },
    ),
    ResendConfirmationCode: operation(
      z.strictObject({ ClientId: z.string(), Username: z.string(), ...aside }),
      ({ ClientId, Username }) => {
        const { pool, client } = pools.ofClient(ClientId);
        const user = users.find(pool, Username);
        if (user === undefined) {
          if (hidesExistence(client)) return { CodeDeliveryDetails: pretendedDelivery(Username) };
          throw unknownUser(client);
        }
        if (user.status !== 'UNCONFIRMED') throw invalidParameter('User is already confirmed.');
        if (!sendsCodes(pool, user))
          throw invalidParameter('Cannot resend codes. Auto verification not turned on.');
        return { CodeDeliveryDetails: codes.send(pool, user, user.attributes.email, 'confirm-sign-up') };
      },
    ),
  };
}

function passwordChanges(context: CognitoContext): Operations {
  const { pools, users, codes } = context;
  return {
    ForgotPassword: operation(
      z.strictObject({ ClientId: z.string(), Username: z.string(), ...aside }),
      ({ ClientId, Username }) => {
        const { pool, client } = pools.ofClient(ClientId);
        const recovery = pool.properties.AccountRecoverySetting?.RecoveryMechanisms ?? [];
        if (recovery.some(({ Name }) => Name === 'admin_only')) {
          throw notAuthorized('Contact administrator to reset password.');
        }
        const user = users.find(pool, Username);
        const email = user?.attributes.email_verified === 'true' ? user.attributes.email : undefined;
        if (user?.enabled && email !== undefined) {
          if (user.status === 'FORCE_CHANGE_PASSWORD') {
            throw notAuthorized('User password cannot be reset in the current state.');
          }
          return { CodeDeliveryDetails: codes.send(pool, user, email, 'reset-password') };
        }
        if (hidesExistence(client)) return { CodeDeliveryDetails: pretendedDelivery(Username) };
        if (user === undefined) throw unknownUser(client);
        if (!user.enabled) throw notAuthorized('User is disabled.');
        throw invalidParameter('Cannot reset password for the user as there is no registered/verified email');
      },
    ),
    ConfirmForgotPassword: operation(
      z.strictObject({
        ClientId: z.string(),
        Username: z.string(),
        ConfirmationCode: z.string(),
        Password: z.string(),
        ...aside,
      }),
      ({ ClientId, Username, ConfirmationCode, Password }) => {
        const { pool, client } = pools.ofClient(ClientId);
        checkPasswordPolicy(pool, Password);
        const user = users.find(pool, Username);
        if (user === undefined || !user.enabled) {
          throw hidesExistence(client) || user !== undefined ? codeMismatch() : unknownUser(client);
        }
        codes.redeem(user, 'reset-password', ConfirmationCode);
        users.save(withPermanentPassword(user, Password));
        return {};
      },
    ),
    ChangePassword: operation(
      z.strictObject({ AccessToken: z.string(), PreviousPassword: z.string(), ProposedPassword: z.string() }),
      ({ AccessToken, PreviousPassword, ProposedPassword }) =>
        asCaller(context, AccessToken, ({ pool, user }) => {
          checkNotLocked(user, context.now());
          if (!isPasswordOf(user, PreviousPassword)) throw rejected(context, user);
          checkPasswordPolicy(pool, ProposedPassword);
          users.save(withPermanentPassword(user, ProposedPassword));
          return {};
        }),
    ),
  };
}

function ownAttributes(context: CognitoContext): Operations {
  const { users, codes } = context;
  return {
    GetUser: operation(z.strictObject({ AccessToken: z.string() }), ({ AccessToken }) =>
      asCaller(context, AccessToken, ({ client, user }) => ({
        Username: user.username,
        UserAttributes: userAttributes(user, readableAttributes(client, user.attributes)),
        ...mfaSettings(user),
      })),
    ),
    UpdateUserAttributes: operation(
      z.strictObject({ AccessToken: z.string(), UserAttributes: attributeList, ClientMetadata: unused }),
      ({ AccessToken, UserAttributes }) =>
        asCaller(context, AccessToken, ({ pool, client, user }) => {
          checkWritable(client, UserAttributes);
          const delivery = saveAttributes(context, pool, user, UserAttributes);
          return { CodeDeliveryDetailsList: delivery === undefined ? [] : [delivery] };
        }),
    ),
    GetUserAttributeVerificationCode: operation(
      z.strictObject({ AccessToken: z.string(), AttributeName: z.literal('email'), ClientMetadata: unused }),
      ({ AccessToken }) =>
        asCaller(context, AccessToken, ({ pool, user }) => {
          const { email } = user.attributes;
          if (email === undefined) throw invalidParameter('User does not have an email.');
          return { CodeDeliveryDetails: codes.send(pool, user, email, 'verify-email') };
        }),
    ),
    VerifyUserAttribute: operation(
      z.strictObject({ AccessToken: z.string(), AttributeName: z.literal('email'), Code: z.string() }),
      ({ AccessToken, Code }) =>
        asCaller(context, AccessToken, ({ pool, user }) => {
          codes.redeem(user, 'verify-email', Code);
          const attributes = changedAttributes(pool, user.attributes, { email_verified: 'true' });
          users.save({ ...user, attributes });
          return {};
        }),
    ),
  };
}

const sendsCodes = (
  pool: UserPool,
  user: User,
): user is User & { readonly attributes: { readonly email: string } } =>
  pool.properties.AutoVerifiedAttributes.includes('email') && user.attributes.email !== undefined;

/** Looks like a code that was mailed, for a name that belongs to nobody. */
const pretendedDelivery = (name: string) => deliveryDetails(isEmail(name) ? name : `${name}@${name}`);
