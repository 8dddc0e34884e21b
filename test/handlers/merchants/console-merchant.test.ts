import { consoleMerchantRoutes } from '../../../lambdas/contract/merchants';
import { type Role, roles } from '../../../lambdas/contract/staff';
import { DynamoDbMerchantStore, DynamoDbStaffDirectory } from '../../../lambdas/merchants';
import { handler } from '../../../lambdas/merchants/handlers/console-merchant';
import { aMerchant } from '../../support/a-merchant';
import { callApi, problemOf } from '../../support/api-event';
import { lambdaEnvironment } from '../../support/lambda-environment';

const { getMerchant, changeSettings } = consoleMerchantRoutes;
const merchant = aMerchant();
const claimsOf = (role: Role) => ({ sub: `sub-${role}`, 'custom:merchantId': merchant.merchantId });

beforeAll(async () => {
  const { merchants } = await lambdaEnvironment('merchants');
  await new DynamoDbMerchantStore(merchants).openMerchant(merchant, 'owner@example.com');
  for (const role of roles) {
    const member = { merchantId: merchant.merchantId, staffId: `sub-${role}`, email: `${role}@x.org`, role };
    await new DynamoDbStaffDirectory(merchants).admit(member);
  }
});

test.each(roles)('200: %s sees the merchant and who they are', async (role) => {
  expect(await callApi(handler, getMerchant, { claims: claimsOf(role) })).toEqual({
    status: 200,
    body: { merchant, caller: { staffId: `sub-${role}`, email: `${role}@x.org`, role } },
  });
});

test('200: the owner changes a setting, and the others stay', async () => {
  const call = { claims: claimsOf('owner'), body: { paymentDeadlineMinutes: 30 } };
  const settings = { ...merchant.settings, paymentDeadlineMinutes: 30 };
  expect(await callApi(handler, changeSettings, call)).toEqual({
    status: 200,
    body: { ...merchant, settings },
  });
});

test.each([
  ['too low', { paymentDeadlineMinutes: 4 }, 'body.paymentDeadlineMinutes'],
  ['no whole number', { unpaidOrdersPerClient: 1.5 }, 'body.unpaidOrdersPerClient'],
  ['unknown', { name: 'x' }, 'body.name'],
])('400: a setting that is %s is named', async (_how, body, field) => {
  const { status, problem } = await problemOf(handler, changeSettings, { claims: claimsOf('owner'), body });
  expect(status).toBe(400);
  expect(problem).toMatchObject({ code: 'request.invalid', errors: [{ field }] });
});

test.each([
  ['without a token', undefined],
  ['with a token of no merchant', { sub: 'sub-owner' }],
  ["with another merchant's token", { sub: 'sub-owner', 'custom:merchantId': 'mer_0000000002' }],
  ['without a standing record', { sub: 'sub-gone', 'custom:merchantId': merchant.merchantId }],
])('401: nobody gets in %s', async (_how, claims) => {
  const { status, problem } = await problemOf(handler, getMerchant, claims && { claims });
  expect([status, problem.code]).toEqual([401, 'request.unauthenticated']);
});

test.each(roles.filter((role) => role !== 'owner'))('403: %s cannot change the settings', async (role) => {
  const call = { claims: claimsOf(role), body: { paymentDeadlineMinutes: 10 } };
  const { status, problem } = await problemOf(handler, changeSettings, call);
  expect([status, problem.code]).toEqual([403, 'request.forbidden']);
});
