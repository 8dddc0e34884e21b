import * as z from 'zod';
import { routes } from '../../lambdas/contract/route';
import { type Role, roles } from '../../lambdas/contract/staff';
import { staffHttpHandler } from '../../lambdas/runtime/http-handler';
import { callApi, problemOf } from '../support/api-event';
import { MemoryStaffDirectory } from '../support/memory-merchants';

const response = z.object({ merchantId: z.string(), role: z.string() });
const group = routes({
  change: {
    method: 'POST',
    path: '/things',
    summary: 'Changes',
    roles: ['owner', 'operator'],
    body: z.strictObject({ name: z.string() }),
    status: 200,
    response,
    problems: [],
  },
  forNobody: { method: 'GET', path: '/nobody', summary: 'No roles', status: 200, response, problems: [] },
});

const MERCHANT = 'mer_0000000001';
const claimsOf = (role: Role, merchantId = MERCHANT) => ({
  sub: `sub-${role}`,
  'custom:merchantId': merchantId,
});

async function aConsole() {
  const staff = new MemoryStaffDirectory();
  for (const role of roles) {
    await staff.admit({ merchantId: MERCHANT, staffId: `sub-${role}`, email: `${role}@x.org`, role });
  }
  const handler = staffHttpHandler(group, () => ({ staff }), {
    change: async ({ staff: member }) => member,
    forNobody: async ({ staff: member }) => member,
  });
  return { staff, handler };
}

const body = { name: 'x' };

test.each(['owner', 'operator'] as const)(
  '%s, whom the route admits, is let in as who they are',
  async (role) => {
    const { handler } = await aConsole();
    expect(await callApi(handler, group.change, { claims: claimsOf(role), body })).toEqual({
      status: 200,
      body: { merchantId: MERCHANT, role },
    });
  },
);

test.each(['finance', 'support'] as const)('%s, whom the route does not admit, is refused', async (role) => {
  const { handler } = await aConsole();
  const { status, problem } = await problemOf(handler, group.change, { claims: claimsOf(role), body });
  expect([status, problem.code]).toEqual([403, 'request.forbidden']);
});

test.each(roles)('a route without roles admits nobody, not even %s', async (role) => {
  const { handler } = await aConsole();
  const { status } = await problemOf(handler, group.forNobody, { claims: claimsOf(role) });
  expect(status).toBe(403);
});

test('a member who is disabled is out with the next request, whatever the token says', async () => {
  const { handler, staff } = await aConsole();
  const call = { claims: claimsOf('owner'), body };
  expect((await callApi(handler, group.change, call)).status).toBe(200);
  const key = `${MERCHANT} sub-owner`;
  const record = staff.records.get(key);
  if (record) staff.records.set(key, { ...record, disabled: true });
  const { status, problem } = await problemOf(handler, group.change, call);
  expect([status, problem.code]).toEqual([401, 'request.unauthenticated']);
});

test('the role is the one on record, not one that the token claims', async () => {
  const { handler } = await aConsole();
  const claims = { ...claimsOf('support'), 'cognito:groups': 'owner', 'custom:role': 'owner' };
  expect((await problemOf(handler, group.change, { claims, body })).status).toBe(403);
});

test.each([
  ['without a token', undefined],
  ['with a token without merchant, as a customer has', { sub: 'sub-owner' }],
  ['with a token without a member', { 'custom:merchantId': MERCHANT }],
  ["with another merchant's token", claimsOf('owner', 'mer_0000000002')],
  ['as somebody who is not on record', { sub: 'sub-stranger', 'custom:merchantId': MERCHANT }],
])('nobody gets in %s', async (_how, claims) => {
  const { handler } = await aConsole();
  const { status, problem } = await problemOf(handler, group.change, { body, ...(claims && { claims }) });
  expect([status, problem.code]).toEqual([401, 'request.unauthenticated']);
});

test('who may not come in learns nothing about what is wrong with the request', async () => {
  const { handler } = await aConsole();
  const { problem } = await problemOf(handler, group.change, { body: { wrong: true } });
  expect(problem).not.toHaveProperty('errors');
});
