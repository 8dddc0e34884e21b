import { SandboxGateway } from '../../../lambdas/payments/adapters/sandbox-gateway';
import { isSigned, signatureOf } from '../../../local/sandbox-gateway/signature';

const SECRET = 'shared with the gateway';
const gateway = new SandboxGateway({ url: 'https://pay.example/sandbox', secret: async () => SECRET });

const fields = {
  orderId: 'ord_0000000001',
  transactionId: 'sbx_1',
  amountCents: '990',
  currency: 'CNY',
  status: 'paid',
};
const form = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();
/** As the gateway itself signs it. */
const signed = (parameters: Record<string, string>) => ({
  ...parameters,
  sign: signatureOf(parameters, SECRET),
});

test('what the gateway has signed is read, in whatever order it comes', async () => {
  const report = {
    orderId: 'ord_0000000001',
    transactionId: 'sbx_1',
    amount: { amountCents: 990, currency: 'CNY' },
    status: 'paid',
  };
  expect(await gateway.readCallback(form(signed(fields)))).toEqual(report);
  const reversed = Object.fromEntries(Object.entries(signed(fields)).toReversed());
  expect(await gateway.readCallback(form(reversed))).toEqual(report);
});

test('a failed payment is reported as such', async () => {
  expect(await gateway.readCallback(form(signed({ ...fields, status: 'failed' })))).toMatchObject({
    status: 'failed',
  });
});

test('a signed field that is new here disturbs nothing', async () => {
  expect(await gateway.readCallback(form(signed({ ...fields, channel: 'wallet' })))).toMatchObject({
    orderId: 'ord_0000000001',
  });
});

const otherValues = {
  orderId: 'ord_0000000002',
  transactionId: 'sbx_2',
  amountCents: '991',
  currency: 'USD',
  status: 'failed',
  sign: signatureOf(fields, 'another secret'),
};

describe.each(Object.entries(otherValues))('a callback is nothing when its field %s', (name, other) => {
  const intact: Record<string, string> = signed(fields);

  test('was changed after the signature', async () => {
    expect(await gateway.readCallback(form({ ...intact, [name]: other }))).toBeUndefined();
  });

  test('is missing', async () => {
    const { [name]: _, ...rest } = intact;
    expect(await gateway.readCallback(form(rest))).toBeUndefined();
  });

  test('is there twice, before or after the signed one', async () => {
    const twice = form({ [name]: other });
    expect(await gateway.readCallback(`${twice}&${form(intact)}`)).toBeUndefined();
    expect(await gateway.readCallback(`${form(intact)}&${twice}`)).toBeUndefined();
  });

  test('is missing although what is left is signed', async () => {
    const { [name]: _, ...rest } = fields as Record<string, string>;
    const body = name === 'sign' ? form(rest) : form(signed(rest));
    expect(await gateway.readCallback(body)).toBeUndefined();
  });
});

test('a field that nobody has signed is refused with all the others', async () => {
  expect(await gateway.readCallback(form({ ...signed(fields), channel: 'wallet' }))).toBeUndefined();
});

test.each(['', '-990', '9.90', '1e3', '0x10', '1234567890123'])(
  'no amount is read from %p',
  async (amountCents) => {
    expect(await gateway.readCallback(form(signed({ ...fields, amountCents })))).toBeUndefined();
  },
);

test.each(['', 'not a form', '{"orderId":"ord_0000000001"}', '&&==', '%E0%A4%A'])(
  'the body %p is no callback',
  async (body) => {
    expect(await gateway.readCallback(body)).toBeUndefined();
  },
);

test.each(['', 'AB', signatureOf(fields, SECRET).toUpperCase(), `${signatureOf(fields, SECRET)}0`])(
  'the signature %p is none',
  async (sign) => {
    expect(await gateway.readCallback(form({ ...fields, sign }))).toBeUndefined();
  },
);

test("a link carries all of its fields under a signature that the gateway's own page accepts", async () => {
  const link = new URL(
    await gateway.linkFor({
      orderId: 'ord_0000000001',
      amountCents: 990,
      currency: 'CNY',
      deadlineAt: '2026-01-31T08:15:00.000Z',
    }),
  );
  const given = Object.fromEntries(link.searchParams);
  expect(Object.keys(given).toSorted()).toEqual(['amountCents', 'currency', 'deadlineAt', 'orderId', 'sign']);
  expect(isSigned(given, SECRET)).toBe(true);
  expect(isSigned({ ...given, amountCents: '1' }, SECRET)).toBe(false);
});

test('the link that a buyer has is no callback, whatever is added to it', async () => {
  const link = new URL(
    await gateway.linkFor({ orderId: 'ord_0000000001', amountCents: 990, currency: 'CNY', deadlineAt: 'x' }),
  );
  const given = Object.fromEntries(link.searchParams);
  expect(await gateway.readCallback(form({ ...given, transactionId: 'T', status: 'paid' }))).toBeUndefined();
});
