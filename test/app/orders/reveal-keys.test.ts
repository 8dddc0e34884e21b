import { createRevealToken, revealKeys } from '../../../lambdas/orders/app/reveal-keys';
import { MINUTES, type OrderRig, orderRig, SECONDS } from '../../support/order-rig';

const FROM = { address: '203.0.113.7', userAgent: 'a browser' };

async function deliveredRig(quantity = 1) {
  const rig = await orderRig();
  const order = await rig.delivered({ quantity });
  const token = async () => (await createRevealToken(rig.ports, rig.claimOf(order.orderId))).revealToken;
  const reveal = (revealToken: string, position?: number) =>
    revealKeys(rig.ports, rig.claimOf(order.orderId), { revealToken, position, ...FROM });
  return { ...rig, delivered: order, token, reveal };
}

const secretIds = async ({ slotsOf }: Pick<OrderRig, 'slotsOf'>, order: Parameters<OrderRig['slotsOf']>[0]) =>
  (await slotsOf(order)).map(({ secretId }) => secretId);

test('with a token the buyer sees all keys, in their order, and they are marked as revealed', async () => {
  const rig = await deliveredRig(2);
  const { keys } = await rig.reveal(await rig.token());
  const [one, two] = await secretIds(rig, rig.delivered);
  expect(keys).toEqual([
    { position: 1, fields: [{ label: 'Key', value: one }] },
    { position: 2, fields: [{ label: 'Key', value: two }] },
  ]);
  expect(await rig.slotsOf(rig.delivered)).toMatchObject([{ status: 'revealed' }, { status: 'revealed' }]);
});

test('one key can be revealed, and the others stay as they are', async () => {
  const rig = await deliveredRig(2);
  const { keys } = await rig.reveal(await rig.token(), 2);
  const [, two] = await secretIds(rig, rig.delivered);
  expect(keys).toEqual([{ position: 2, fields: [{ label: 'Key', value: two }] }]);
  expect(await rig.slotsOf(rig.delivered)).toMatchObject([{ status: 'sold' }, { status: 'revealed' }]);
  expect(rig.ports.reveals.records).toMatchObject([{ positions: [2] }]);
});

test('a position that the order does not have is refused, spends no token and leaves no record', async () => {
  const rig = await deliveredRig(2);
  const token = await rig.token();
  await expect(rig.reveal(token, 3)).rejects.toMatchObject({
    code: 'request.invalid',
    kind: 'invalid',
    details: { fields: [{ field: 'body.position', message: 'is at most 2, the keys of the order' }] },
  });
  expect(rig.ports.reveals.records).toEqual([]);
  expect((await rig.reveal(token)).keys).toHaveLength(2);
});

test('a token is good for one reveal, and another token for another', async () => {
  const { token, reveal, ports } = await deliveredRig();
  const first = await token();
  const shown = await reveal(first);
  await expect(reveal(first)).rejects.toMatchObject({ code: 'orders.reveal_token_invalid' });
  expect(await reveal(await token())).toEqual(shown);
  expect(ports.reveals.records).toHaveLength(2);
});

test('a token is good for a minute', async () => {
  const { ports, token, reveal, advance, claimOf, delivered, now } = await deliveredRig();
  const { expiresAt } = await createRevealToken(ports, claimOf(delivered.orderId));
  expect(Date.parse(expiresAt) - Date.parse(now())).toBe(1 * MINUTES);
  const [used, late] = [await token(), await token()];
  advance(59 * SECONDS);
  await expect(reveal(used)).resolves.toMatchObject({ keys: [{ position: 1 }] });
  advance(1 * SECONDS);
  await expect(reveal(late)).rejects.toMatchObject({ code: 'orders.reveal_token_invalid' });
});

test("another order's token opens nothing, and is not used up by the attempt", async () => {
  const rig = await orderRig();
  const [mine, other] = [await rig.delivered(), await rig.delivered()];
  const { revealToken } = await createRevealToken(rig.ports, rig.claimOf(other.orderId));
  const attempt = (orderId: string) => revealKeys(rig.ports, rig.claimOf(orderId), { revealToken, ...FROM });
  await expect(attempt(mine.orderId)).rejects.toMatchObject({ code: 'orders.reveal_token_invalid' });
  expect(rig.ports.reveals.records).toEqual([]);
  expect(await rig.slotsOf(mine)).toMatchObject([{ status: 'sold' }]);
  await expect(attempt(other.orderId)).resolves.toMatchObject({ keys: [{ position: 1 }] });
});

test('the record of who saw what stands before anything is disclosed', async () => {
  const rig = await deliveredRig();
  const broken = { record: () => Promise.reject(new Error('no audit')), of: async () => [] };
  const revealToken = await rig.token();
  const attempt = revealKeys({ ...rig.ports, reveals: broken }, rig.claimOf(rig.delivered.orderId), {
    revealToken,
    ...FROM,
  });
  await expect(attempt).rejects.toThrow('no audit');
  expect(await rig.slotsOf(rig.delivered)).toMatchObject([{ status: 'sold' }]);
});

test('the record tells when, who, from where, with what and which keys, and no key', async () => {
  const { token, reveal, ports, now, delivered } = await deliveredRig(2);
  await reveal(await token());
  expect(ports.reveals.records).toEqual([
    { orderId: delivered.orderId, at: now(), actor: 'buyer', ...FROM, positions: [1, 2] },
  ]);
});

test.each(['placed', 'paid', 'expired'] as const)('an order that is %s reveals nothing', async (status) => {
  const rig = await orderRig();
  const { orderId } = await rig[status]();
  const revealToken = await rig.ports.revealTokens.issue(orderId, '9999-01-01T00:00:00.000Z');
  const claim = rig.claimOf(orderId);
  const refused = { code: 'orders.not_delivered' };
  await expect(createRevealToken(rig.ports, claim)).rejects.toMatchObject(refused);
  await expect(revealKeys(rig.ports, claim, { revealToken, ...FROM })).rejects.toMatchObject(refused);
  expect(rig.ports.reveals.records).toEqual([]);
});

test('who has not the order token finds no order', async () => {
  const { ports, claimOf, delivered, token } = await deliveredRig();
  const claim = { ...claimOf(delivered.orderId), orderToken: 'guessed' };
  await expect(createRevealToken(ports, claim)).rejects.toMatchObject({ code: 'orders.not_found' });
  const request = { revealToken: await token(), ...FROM };
  await expect(revealKeys(ports, claim, request)).rejects.toMatchObject({ code: 'orders.not_found' });
});

test('a key that expires tells when', async () => {
  const rig = await orderRig({ keys: 0 });
  await rig.publish('seg_0000000002', 1, '2027-01-31T00:00:00.000Z');
  const { orderId } = await rig.delivered();
  const claim = rig.claimOf(orderId);
  const { revealToken } = await createRevealToken(rig.ports, claim);
  expect(await revealKeys(rig.ports, claim, { revealToken, ...FROM })).toMatchObject({
    keys: [{ expiresAt: '2027-01-31T00:00:00.000Z' }],
  });
});
