import { defaultOrderingSettings } from '../../../lambdas/contract/merchants';
import { inviteOwner } from '../../../lambdas/merchants/app/invite-owner';
import { countingIds } from '../../support/counting-ids';
import { MemoryMerchantStore, MemoryStaffDirectory, MemoryStaffPool } from '../../support/memory-merchants';
import { settableClock } from '../../support/settable-clock';

const invitation = {
  slug: 'demo',
  name: 'Demo shop',
  currency: 'CNY',
  email: 'owner@example.com',
  settings: defaultOrderingSettings,
};

const aPlatform = () => ({
  merchants: new MemoryMerchantStore(),
  staff: new MemoryStaffDirectory(),
  staffPool: new MemoryStaffPool(),
  newId: countingIds(),
  clock: settableClock().clock,
});

/** Everything that a platform holds, to compare. */
const stateOf = ({ merchants, staff, staffPool }: ReturnType<typeof aPlatform>) => ({
  merchants: [...merchants.merchants],
  claims: [...merchants.claims],
  staff: [...staff.records],
  accounts: [...staffPool.accounts],
  groups: [...staffPool.groups],
  mailed: staffPool.mailed,
});

test('opens the merchant and invites its owner, who may then work for it', async () => {
  const ports = aPlatform();
  const { merchantId } = await inviteOwner(ports, invitation);
  expect(await ports.merchants.findShop('demo')).toEqual({
    merchantId,
    slug: 'demo',
    name: 'Demo shop',
    currency: 'CNY',
    settings: defaultOrderingSettings,
    createdAt: '2026-01-31T08:00:00.000Z',
  });
  const { staffId = '' } = (await ports.staffPool.findAccount('owner@example.com')) ?? {};
  expect(await ports.staff.findActive(merchantId, staffId)).toMatchObject({
    role: 'owner',
    email: 'owner@example.com',
  });
  expect(ports.staffPool.mailed).toEqual(['owner@example.com']);
});

const crash = async (): Promise<never> => {
  throw new Error('interrupted');
};

test.each([
  [
    'before the merchant is opened',
    (ports: ReturnType<typeof aPlatform>) => ({
      ...ports,
      merchants: Object.assign(Object.create(ports.merchants), { openMerchant: crash }),
    }),
  ],
  [
    'before the account is made',
    (ports: ReturnType<typeof aPlatform>) => ({
      ...ports,
      staffPool: Object.assign(Object.create(ports.staffPool), { invite: crash }),
    }),
  ],
  [
    'before the staff record is written',
    (ports: ReturnType<typeof aPlatform>) => ({
      ...ports,
      staff: Object.assign(Object.create(ports.staff), { admit: crash }),
    }),
  ],
])('a repeat completes a call that was interrupted %s, and mails once', async (_when, interrupted) => {
  const ports = aPlatform();
  await expect(inviteOwner(interrupted(ports), invitation)).rejects.toThrow('interrupted');
  await inviteOwner(ports, invitation);

  const undisturbed = aPlatform();
  await inviteOwner(undisturbed, invitation);
  const renumbered = (state: unknown) => JSON.stringify(state).replace(/mer_\w+/g, 'mer');
  expect(renumbered(stateOf(ports))).toBe(renumbered(stateOf(undisturbed)));
});

test('a repeat of a finished call answers the same and changes nothing', async () => {
  const ports = aPlatform();
  const first = await inviteOwner(ports, invitation);
  const before = structuredClone(stateOf(ports));
  expect(await inviteOwner(ports, { ...invitation, name: 'Other', currency: 'USD' })).toEqual(first);
  expect(stateOf(ports)).toEqual(before);
});

test('a repeat does not let a disabled owner in again', async () => {
  const ports = aPlatform();
  await inviteOwner(ports, invitation);
  for (const [key, record] of ports.staff.records)
    ports.staff.records.set(key, { ...record, disabled: true });
  const { merchantId } = await inviteOwner(ports, invitation);
  expect(await ports.staff.findActive(merchantId, 'sub-of-owner@example.com')).toBeUndefined();
});

test('a taken slug is refused to everybody but the one it was opened for, who hears of nothing', async () => {
  const ports = aPlatform();
  await inviteOwner(ports, invitation);
  const before = structuredClone(stateOf(ports));
  const other = inviteOwner(ports, { ...invitation, email: 'other@example.com' });
  await expect(other).rejects.toThrow('merchants.slug_taken');
  expect(stateOf(ports)).toEqual(before);
});

test('who works for one merchant cannot be invited to own another, and the slug stays free', async () => {
  const ports = aPlatform();
  await inviteOwner(ports, invitation);
  const before = structuredClone(stateOf(ports));
  const second = inviteOwner(ports, { ...invitation, slug: 'second' });
  await expect(second).rejects.toThrow('merchants.email_taken');
  expect(stateOf(ports)).toEqual(before);
});

test('of two calls for one slug at the same time, one merchant comes to stand', async () => {
  const ports = aPlatform();
  const outcomes = await Promise.allSettled([
    inviteOwner(ports, invitation),
    inviteOwner(ports, { ...invitation, email: 'other@example.com' }),
  ]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(ports.merchants.merchants.size).toBe(1);
  expect(ports.staffPool.mailed).toHaveLength(1);
});

test('of two calls for one address at the same time, one binds it, and the other gives it no second merchant', async () => {
  const ports = aPlatform();
  const outcomes = await Promise.allSettled([
    inviteOwner(ports, invitation),
    inviteOwner(ports, { ...invitation, slug: 'second' }),
  ]);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused.map(({ reason }) => reason.code)).toEqual(['merchants.email_taken']);
  expect([...ports.staff.records.values()].map(({ merchantId }) => merchantId)).toEqual([
    ports.staffPool.accounts.get('owner@example.com')?.merchantId,
  ]);
});
