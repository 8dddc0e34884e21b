import * as z from 'zod';
import { AwsError } from '../../aws';
import type { Operations } from '../aws-json-operations';
import { pageOf } from '../paging';
import { saveAttributes } from './attribute-changes';
import { attributeList, initialAttributes } from './attributes';
import { type CognitoContext, operation } from './context';
import { invitationMail } from './mails';
import {
  checkPasswordPolicy,
  generatePassword,
  temporaryPasswordExpiry,
  withPermanentPassword,
  withTemporaryPassword,
} from './passwords';
import type { UserPool } from './user-pools';
import { mfaSettings, type User, userAttributes, userSummary } from './user-store';

const unused = z.unknown().optional();
const named = z.strictObject({ UserPoolId: z.string(), Username: z.string() });
const inGroup = named.extend({ GroupName: z.string() });

const creation = named.extend({
  UserAttributes: attributeList.default({}),
  TemporaryPassword: z.string().optional(),
  MessageAction: z.enum(['SUPPRESS', 'RESEND']).optional(),
  DesiredDeliveryMediums: z.array(z.literal('EMAIL')).optional(),
  ForceAliasCreation: z.literal(false).optional(),
  ClientMetadata: unused,
  ValidationData: unused,
});

/** What the owner of a pool does with its users. */
export function adminOperations(context: CognitoContext): Operations {
  return { ...userAdministration(context), ...groupAdministration(context) };
}

function userAdministration(context: CognitoContext): Operations {
  const { pools, users, signIns, codes, now } = context;
  const found = (poolId: string, name: string) => {
    const pool = pools.get(poolId);
    return { pool, user: users.get(pool, name) };
  };
  return {
    AdminCreateUser: operation(creation, (input) => {
      const pool = pools.get(input.UserPoolId);
      const password = input.TemporaryPassword ?? generatePassword(pool);
      checkPasswordPolicy(pool, password);
      const user =
        input.MessageAction === 'RESEND'
          ? renewInvitation(context, pool, input.Username, password)
          : inviteUser(context, pool, input, password);
      return { User: { ...userSummary(user), Attributes: userAttributes(user) } };
    }),
    AdminGetUser: operation(named, ({ UserPoolId, Username }) => {
      const { user } = found(UserPoolId, Username);
      return { ...userSummary(user), UserAttributes: userAttributes(user), ...mfaSettings(user) };
    }),
    AdminUpdateUserAttributes: operation(
      named.extend({ UserAttributes: attributeList, ClientMetadata: unused }),
      ({ UserPoolId, Username, UserAttributes }) => {
        const { pool, user } = found(UserPoolId, Username);
        saveAttributes(context, pool, user, UserAttributes);
        return {};
      },
    ),
    AdminDisableUser: operation(named, ({ UserPoolId, Username }) => {
      const { user } = found(UserPoolId, Username);
      users.save({ ...user, enabled: false });
      signIns.endAllOf(user);
      return {};
    }),
    AdminEnableUser: operation(named, ({ UserPoolId, Username }) => {
      users.save({ ...found(UserPoolId, Username).user, enabled: true });
      return {};
    }),
    AdminDeleteUser: operation(named, ({ UserPoolId, Username }) => {
      const { user } = found(UserPoolId, Username);
      users.delete(user);
      signIns.endAllOf(user);
      codes.forget(user);
      return {};
    }),
    AdminSetUserPassword: operation(
      named.extend({ Password: z.string(), Permanent: z.boolean().default(false) }),
      ({ UserPoolId, Username, Password, Permanent }) => {
        const { pool, user } = found(UserPoolId, Username);
        checkPasswordPolicy(pool, Password);
        users.save(
          Permanent
            ? withPermanentPassword(user, Password)
            : withTemporaryPassword(pool, user, Password, now()),
        );
        return {};
      },
    ),
    AdminUserGlobalSignOut: operation(named, ({ UserPoolId, Username }) => {
      signIns.endAllOf(found(UserPoolId, Username).user);
      return {};
    }),
  };
}

function groupAdministration({ pools, users }: CognitoContext): Operations {
  const member = (poolId: string, name: string, groupName: string) => {
    const pool = pools.get(poolId);
    if (!pool.groups.has(groupName)) throw new AwsError('ResourceNotFoundException', 'Group not found.');
    return users.get(pool, name);
  };
  return {
    AdminAddUserToGroup: operation(inGroup, ({ UserPoolId, Username, GroupName }) => {
      const user = member(UserPoolId, Username, GroupName);
      users.save({ ...user, groups: [...new Set([...user.groups, GroupName])] });
      return {};
    }),
    AdminRemoveUserFromGroup: operation(inGroup, ({ UserPoolId, Username, GroupName }) => {
      const user = member(UserPoolId, Username, GroupName);
      users.save({ ...user, groups: user.groups.filter((name) => name !== GroupName) });
      return {};
    }),
    AdminListGroupsForUser: operation(
      named.extend({ Limit: z.int().min(0).max(60).optional(), NextToken: z.string().optional() }),
      ({ UserPoolId, Username, Limit, NextToken }) => {
        const pool = pools.get(UserPoolId);
        const user = users.get(pool, Username);
        const groups = [...pool.groups.values()].filter(({ name }) => user.groups.includes(name));
        const { page, next } = pageOf(groups, Limit || undefined, NextToken);
        return {
          Groups: page.map(({ name, description, precedence }) => ({
            GroupName: name,
            UserPoolId,
            Description: description,
            Precedence: precedence,
          })),
          NextToken: next,
        };
      },
    ),
  };
}

function inviteUser(
  context: CognitoContext,
  pool: UserPool,
  { Username, UserAttributes, MessageAction }: z.output<typeof creation>,
  password: string,
): User {
  const attributes = initialAttributes(pool, Username, UserAttributes);
  if (MessageAction !== 'SUPPRESS' && attributes.email === undefined) throw noAddress();
  const user = context.users.create(pool, Username, {
    attributes,
    password,
    status: 'FORCE_CHANGE_PASSWORD',
    temporaryPasswordExpiresAt: temporaryPasswordExpiry(pool, context.now()),
  });
  if (MessageAction !== 'SUPPRESS') invite(context, pool, user, password);
  return user;
}

function renewInvitation(context: CognitoContext, pool: UserPool, name: string, password: string): User {
  const user = context.users.get(pool, name);
  if (user.status !== 'FORCE_CHANGE_PASSWORD') {
    throw new AwsError(
      'UnsupportedUserStateException',
      'Resend not possible. User status is not FORCE_CHANGE_PASSWORD',
    );
  }
  const renewed = context.users.save(withTemporaryPassword(pool, user, password, context.now()));
  invite(context, pool, renewed, password);
  return renewed;
}

function invite({ mailbox, now }: CognitoContext, pool: UserPool, user: User, password: string): void {
  if (user.attributes.email === undefined) throw noAddress();
  mailbox.deliver({ to: user.attributes.email, ...invitationMail(pool, user, password), at: now() });
}

const noAddress = () =>
  new AwsError('CodeDeliveryFailureException', 'The user has no e-mail address to send the invitation to.');
