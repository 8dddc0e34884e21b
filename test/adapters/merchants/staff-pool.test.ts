import { AdminCreateUserCommand, AdminGetUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { CognitoStaffPool } from '../../../lambdas/merchants/adapters/cognito-staff-pool';
import type { StaffPool } from '../../../lambdas/merchants/app/ports';
import { localStaffPool } from '../../support/local-staff-pool';
import { MemoryStaffPool } from '../../support/memory-merchants';

interface Kind {
  readonly pool: StaffPool;
  readonly mailsTo: (email: string) => string[];
  readonly groupsOf: (email: string) => Promise<unknown[]>;
  /** An account that is in no group, as an interrupted call leaves it. */
  readonly leaveAccount: (email: string, merchantId: string) => Promise<void>;
}

const MERCHANT = 'mer_0000000001';

/** Somebody else in each test. */
let people = 0;
function somebody() {
  people += 1;
  return { merchantId: MERCHANT, email: `owner-${people}@example.com`, role: 'owner' } as const;
}

let local: Awaited<ReturnType<typeof localStaffPool>>;
beforeAll(async () => {
  local = await localStaffPool();
});
afterAll(() => local.close());

const kinds: Record<string, () => Kind> = {
  'in memory': () => {
    const pool = new MemoryStaffPool();
    return {
      pool,
      mailsTo: (email) => pool.mailed.filter((to) => to === email),
      groupsOf: async (email) => [pool.groups.get(email)].filter((group) => group !== undefined),
      leaveAccount: async (email, merchantId) => {
        pool.accounts.set(email, { staffId: 'sub-1', merchantId });
      },
    };
  },
  'of Cognito': () => ({
    pool: new CognitoStaffPool(local),
    mailsTo: (email) => local.mailed().filter((to) => to === email),
    groupsOf: local.groupsOf,
    leaveAccount: async (email, merchantId) => {
      await local.client.send(
        new AdminCreateUserCommand({
          UserPoolId: local.userPoolId,
          Username: email,
          MessageAction: 'SUPPRESS',
          UserAttributes: [
            { Name: 'email', Value: email },
            { Name: 'custom:merchantId', Value: merchantId },
          ],
        }),
      );
    },
  }),
};

describe.each(Object.entries(kinds))('the staff pool %s', (_which, open) => {
  test('mails who is invited and puts the account into the group of the role', async () => {
    const { pool, mailsTo, groupsOf } = open();
    const member = somebody();
    const account = await pool.invite(member);
    expect(account.merchantId).toBe(MERCHANT);
    expect(await pool.findAccount(member.email)).toEqual(account);
    expect(await groupsOf(member.email)).toEqual(['owner']);
    expect(mailsTo(member.email)).toHaveLength(1);
  });

  test('answers the same account to a repeat and mails nothing twice', async () => {
    const { pool, mailsTo, groupsOf } = open();
    const member = somebody();
    const account = await pool.invite(member);
    expect(await pool.invite(member)).toEqual(account);
    expect(await groupsOf(member.email)).toEqual(['owner']);
    expect(mailsTo(member.email)).toHaveLength(1);
  });

  test('completes an account that an interrupted call has left', async () => {
    const { pool, groupsOf, leaveAccount, mailsTo } = open();
    const member = somebody();
    await leaveAccount(member.email, MERCHANT);
    expect(await pool.invite(member)).toEqual(await pool.findAccount(member.email));
    expect(await groupsOf(member.email)).toEqual(['owner']);
    expect(mailsTo(member.email)).toEqual([]);
  });

  test('leaves the account of another merchant alone and tells whose it is', async () => {
    const { pool, groupsOf, leaveAccount } = open();
    const member = somebody();
    await leaveAccount(member.email, 'mer_0000000002');
    expect((await pool.invite(member)).merchantId).toBe('mer_0000000002');
    expect(await groupsOf(member.email)).toEqual([]);
  });

  test('has no account for an address that nobody invited', async () => {
    expect(await open().pool.findAccount('nobody@example.com')).toBeUndefined();
  });
});

test('an invited address counts as verified, so that its owner can recover the account', async () => {
  const member = somebody();
  await new CognitoStaffPool(local).invite(member);
  const { UserAttributes = [] } = await local.client.send(
    new AdminGetUserCommand({ UserPoolId: local.userPoolId, Username: member.email }),
  );
  expect(UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'true' });
});
