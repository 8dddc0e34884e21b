import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signInOwner } from '../../local/demo/sign-in-owner';
import type { Vouchsafe } from '../../local/vouchsafe';
import { Backstage, Buyer, Console, type Json, startForJourney } from '../support/journey';

jest.setTimeout(120_000);

const state = mkdtempSync(join(tmpdir(), 'vouchsafe-restart-'));
const owner = {
  slug: 'demo',
  name: 'Demo',
  email: 'owner@demo.example',
  password: 'A-long-enough-1-password',
};

let vouchsafe: Vouchsafe | undefined;

const start = async () => {
  vouchsafe = await startForJourney(state);
  return vouchsafe;
};

afterAll(async () => {
  await vouchsafe?.close();
  rmSync(state, { recursive: true, force: true });
});

test('orders that wait for payment survive a restart: one is paid and delivered, the other meets its deadline', async () => {
  const first = await start();
  const console = new Console(first.consoleApiUrl, await signInOwner(first, owner));
  const product = await console.publish();
  await console.stock(product, ['KEY-0001-AAAA', 'KEY-0002-BBBB']);
  const shop = 'shops/demo';
  const [payer, forgetter] = ['127.40.0.1', '127.40.0.2'].map(
    (from) => new Buyer(`${first.storefrontApiUrl}${shop}`, from),
  ) as [Buyer, Buyer];
  const { body: toBePaid } = await payer.order(product);
  const { body: toBeForgotten } = await forgetter.order(product);
  const queued = first.platform.services.sqs.queues().reduce((sum, queue) => sum + queue.delayed, 0);
  expect(queued).toBe(2);
  await first.close();

  const second = await start();
  const { sqs } = second.platform.services;
  expect(sqs.queues().reduce((sum, queue) => sum + queue.delayed, 0)).toBe(2);
  await signInOwner(second, owner);
  const moved = (buyer: Buyer) => new Buyer(`${second.storefrontApiUrl}${shop}`, buyer.from);
  const paymentUrl = (order: Json) => order.paymentUrl.replace(first.platform.url, second.platform.url);

  await moved(payer).pay({ ...toBePaid, paymentUrl: paymentUrl(toBePaid) });
  await moved(payer).become(toBePaid, 'delivered');
  expect((await moved(payer).reveal(toBePaid)).body.keys).toHaveLength(1);

  await new Backstage(second).deadlineComes(toBeForgotten.orderId);
  await moved(forgetter).become(toBeForgotten, 'expired');
});
