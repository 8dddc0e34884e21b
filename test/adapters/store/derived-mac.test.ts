import type { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { DerivedMacs } from '../../../lambdas/store/derived-mac';
import { type LocalKms, startLocalKms } from '../../support/local-kms';

let kms: LocalKms;
beforeAll(async () => {
  kms = await startLocalKms();
});
afterAll(() => kms.close());

test('each purpose and each merchant has a key of its own, the same in every environment', async () => {
  const [here, elsewhere] = [
    new DerivedMacs(kms.client, kms.macKey),
    new DerivedMacs(kms.client, kms.macKey),
  ];
  const macs = await Promise.all([
    here.macFor('order-id', 'mer_1'),
    here.macFor('order-token', 'mer_1'),
    here.macFor('order-id', 'mer_2'),
  ]);
  const [first, ...others] = macs.map((mac) => mac('text').toString('hex'));
  expect(others).not.toContain(first);
  expect((await elsewhere.macFor('order-id', 'mer_1'))('text').toString('hex')).toBe(first);
  expect(macs[0]?.('text')).toHaveLength(32);
  expect(macs[0]?.('text')).not.toEqual(macs[0]?.('other text'));
});

/** A client whose calls of GenerateMac are recorded and, while `fails`, refused. */
function recording(fails: () => boolean) {
  const messages: string[] = [];
  const client = {
    send: async (command: GenerateMacCommand) => {
      messages.push(Buffer.from(command.input.Message ?? []).toString());
      if (fails()) throw new Error('throttled');
      return { Mac: Buffer.alloc(32, 1) };
    },
  } as unknown as KMSClient;
  return { messages, client };
}

test('KMS is asked once for each, also by many at the same moment', async () => {
  const { messages, client } = recording(() => false);
  const macs = new DerivedMacs(client, 'key');
  await Promise.all(Array.from({ length: 5 }, () => macs.macFor('client', 'mer_1')));
  await macs.macFor('client', 'mer_2');
  await macs.macFor('client', 'mer_1');
  expect(messages).toEqual(['vouchsafe/client/mer_1', 'vouchsafe/client/mer_2']);
});

test('a failure is not kept', async () => {
  let fails = true;
  const macs = new DerivedMacs(recording(() => fails).client, 'key');
  await expect(macs.macFor('client', 'mer_1')).rejects.toThrow('throttled');
  fails = false;
  await expect(macs.macFor('client', 'mer_1')).resolves.toBeInstanceOf(Function);
});
