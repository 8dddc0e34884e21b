import { environment } from '../../../lambdas/contract/environment';
import { defaultOrderingSettings, inviteOwnerOutput } from '../../../lambdas/contract/merchants';
import { type ProblemCode, problems } from '../../../lambdas/contract/problems';
import { DynamoDbMerchantStore, DynamoDbStaffDirectory } from '../../../lambdas/merchants';
import { handler } from '../../../lambdas/merchants/handlers/invite-owner';
import { lambdaContext } from '../../support/api-event';
import { lambdaEnvironment } from '../../support/lambda-environment';
import { localStaffPool } from '../../support/local-staff-pool';
import type { createTable } from '../../support/tables';

const invitation = { slug: 'demo', name: 'Demo shop', email: 'Owner@Example.com' };
const invoke = (input: unknown) => handler(input, lambdaContext);

let pool: Awaited<ReturnType<typeof localStaffPool>>;
let table: Awaited<ReturnType<typeof createTable>>;

beforeAll(async () => {
  table = (await lambdaEnvironment('merchants')).merchants;
  pool = await localStaffPool();
  process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER = pool.url;
  process.env[environment.staffPool] = pool.userPoolId;
});
afterAll(() => pool.close());

test('opens the merchant with the default settings, and a repeat answers the same and mails nothing', async () => {
  const answer = await invoke(invitation);
  expect(inviteOwnerOutput.parse(answer)).toEqual(answer);
  expect(await invoke(invitation)).toEqual(answer);
  expect(pool.mailed()).toEqual(['owner@example.com']);
  expect(await pool.groupsOf('owner@example.com')).toEqual(['owner']);
  expect(await new DynamoDbMerchantStore(table).findShop('demo')).toMatchObject({
    merchantId: answer.merchantId,
    currency: 'CNY',
    settings: defaultOrderingSettings,
  });
});

test('the invited owner stands in the directory under the sub of the account', async () => {
  const { merchantId } = await invoke(invitation);
  const sub = await pool.subOf('owner@example.com');
  expect(await new DynamoDbStaffDirectory(table).findActive(merchantId, sub)).toEqual({
    merchantId,
    staffId: sub,
    email: 'owner@example.com',
    role: 'owner',
  });
});

test.each([
  ['merchants.slug_taken', { ...invitation, email: 'other@example.com' }],
  ['merchants.email_taken', { ...invitation, slug: 'second' }],
])('%s is refused by its code, which the command knows', async (code, input) => {
  await invoke(invitation);
  await expect(invoke(input)).rejects.toThrow(new RegExp(`^${code}$`));
  expect(problems[code as ProblemCode]).toMatchObject({ status: 409 });
});

test.each([
  {},
  { ...invitation, slug: 'No' },
  { ...invitation, email: 'x' },
  { ...invitation, role: 'owner' },
])('the input %j is refused', async (input) => {
  await expect(invoke(input)).rejects.toThrow();
});
