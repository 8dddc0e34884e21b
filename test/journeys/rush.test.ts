import { signInOwner } from '../../local/demo/sign-in-owner';
import type { Vouchsafe } from '../../local/vouchsafe';
import { type Answer, Buyer, Console, type Json, startForJourney } from '../support/journey';

jest.setTimeout(180_000);

const BUYERS = 300;
const STOCK = 100;
const AT_A_TIME = 50;

let vouchsafe: Vouchsafe;

beforeAll(async () => {
  vouchsafe = await startForJourney();
});

afterAll(() => vouchsafe?.close());

test('of 300 buyers for 100 keys exactly 100 get one, each another, and 200 are told that it is sold out', async () => {
  const token = await signInOwner(vouchsafe, {
    slug: 'rush',
    name: 'Rush',
    email: 'owner@rush.example',
    password: 'A-long-enough-1-password',
  });
  const console = new Console(vouchsafe.consoleApiUrl, token);
  const product = await console.publish();
  const keys = Array.from({ length: STOCK }, (_, i) => `RUSH-${String(i).padStart(4, '0')}-KEY`);
  await console.stock(product, keys);

  const buyers = Array.from(
    { length: BUYERS },
    (_, i) => new Buyer(`${vouchsafe.storefrontApiUrl}shops/rush`, `127.30.${i >> 8}.${i & 255}`),
  );
  const answers = new Map<Buyer, Answer>();
  const queue = [...buyers];
  const shopper = async () => {
    for (let buyer = queue.shift(); buyer !== undefined; buyer = queue.shift()) {
      answers.set(buyer, await buyer.order(product));
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: AT_A_TIME }, shopper));
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(`${BUYERS} orders in ${seconds.toFixed(1)} s\n`);

  const codes = [...answers.values()].map(({ status, body }) => (status === 201 ? 'placed' : body.code));
  expect(codes.filter((code) => code === 'placed')).toHaveLength(STOCK);
  expect(codes.filter((code) => code === 'orders.sold_out')).toHaveLength(BUYERS - STOCK);

  const winners = [...answers].filter(([, { status }]) => status === 201);
  const revealed = await Promise.all(
    winners.map(async ([buyer, { body: order }]) => {
      await buyer.pay(order);
      await buyer.become(order, 'delivered');
      const { body } = await buyer.reveal(order);
      return body.keys.map((key: Json) => key.fields[0].value);
    }),
  );
  expect(revealed.flat().sort()).toEqual(keys);
});
