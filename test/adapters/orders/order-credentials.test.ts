import { orderId } from '../../../lambdas/contract/values';
import { MacOrderCredentials } from '../../../lambdas/orders/adapters/mac-order-credentials';
import { DerivedMacs } from '../../../lambdas/store/derived-mac';
import { type LocalKms, startLocalKms } from '../../support/local-kms';

const [MINE, OTHER] = ['mer_0000000001', 'mer_0000000002'];

let kms: LocalKms;
let credentials: MacOrderCredentials;

beforeAll(async () => {
  kms = await startLocalKms();
  credentials = new MacOrderCredentials(new DerivedMacs(kms.client, kms.macKey));
});
afterAll(() => kms.close());

test('one request has one order id, in every execution environment', async () => {
  const elsewhere = new MacOrderCredentials(new DerivedMacs(kms.client, kms.macKey));
  const id = await credentials.orderId(MINE, 'guest', 'key');
  expect(orderId.safeParse(id).success).toBe(true);
  expect(await elsewhere.orderId(MINE, 'guest', 'key')).toBe(id);
});

test('another merchant, caller or Idempotency-Key has another order id', async () => {
  const ids = await Promise.all([
    credentials.orderId(MINE, 'guest', 'key'),
    credentials.orderId(OTHER, 'guest', 'key'),
    credentials.orderId(MINE, 'customer', 'key'),
    credentials.orderId(MINE, 'guest', 'other key'),
  ]);
  expect(new Set(ids).size).toBe(4);
});

test("an order's token opens that order of that merchant and no other", async () => {
  const token = await credentials.orderToken(MINE, 'ord_1');
  expect(await credentials.checkToken(MINE, 'ord_1', token)).toBe(true);
  expect(await credentials.checkToken(MINE, 'ord_2', token)).toBe(false);
  expect(await credentials.checkToken(OTHER, 'ord_1', token)).toBe(false);
});

test.each([
  ['nothing', () => ''],
  ['its first part', (token: string) => token.slice(0, -1)],
  ['more than it', (token: string) => `${token}A`],
  ['one other character', (token: string) => `${token[0] === 'A' ? 'B' : 'A'}${token.slice(1)}`],
  ['other letters of as many bytes', () => `${'卡'.repeat(14)}a`],
])('%s is not the token', async (_what, change) => {
  const token = await credentials.orderToken(MINE, 'ord_1');
  expect(await credentials.checkToken(MINE, 'ord_1', change(token))).toBe(false);
});

test('a client is known by contact and by network, and tells neither', async () => {
  const of = (contact: string, address: string, merchantId = MINE) =>
    credentials.clients(merchantId, contact, address);
  const [contact, address] = await of('buyer@example.com', '203.0.113.7');
  expect(await of('buyer@example.com', '198.51.100.1')).toEqual([
    contact,
    expect.not.stringMatching(`^${address}$`),
  ]);
  expect(await of('other@example.com', '203.0.113.7')).toEqual([
    expect.not.stringMatching(`^${contact}$`),
    address,
  ]);
  expect(await of('203.0.113.7', 'buyer@example.com')).not.toContain(address);
  const [, home] = await of('buyer@example.com', '2001:db8:1:2::1');
  expect(await of('buyer@example.com', '2001:db8:1:2:ffff::9')).toEqual([contact, home]);
  const elsewhere = await of('buyer@example.com', '203.0.113.7', OTHER);
  expect([contact, address].filter((one) => elsewhere.includes(one ?? ''))).toEqual([]);
});
