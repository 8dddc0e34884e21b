import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoDbPaymentStore } from '../../../lambdas/payments/adapters/dynamodb-payment-store';
import type { PaymentReport, PaymentStore, RefundReason } from '../../../lambdas/payments/app/ports';
import { MemoryPaymentStore } from '../../support/memory-payment-store';
import { createTable } from '../../support/tables';

const AT = '2026-01-31T08:00:00.000Z';
const report: PaymentReport = {
  orderId: 'ord_0000000001',
  transactionId: 'T1',
  amount: { amountCents: 990, currency: 'CNY' },
  status: 'paid',
};

interface Subject {
  readonly store: PaymentStore;
  /** Why the payment is to be refunded; undefined when it is not. */
  readonly refundDue: (gateway: string, transactionId: string) => Promise<RefundReason | undefined>;
}

const subjects: Record<string, () => Promise<Subject>> = {
  'in memory': async () => {
    const store = new MemoryPaymentStore();
    return { store, refundDue: async (...payment) => store.find(...payment)?.refundDue };
  },
  'on DynamoDB': async () => {
    const table = await createTable('orders');
    return {
      store: new DynamoDbPaymentStore(table),
      refundDue: async (gateway, transactionId) => {
        const { client, tableName: TableName } = table;
        const Key = { pk: `payment#${gateway}#${transactionId}` };
        const { Item } = await client.send(new GetCommand({ TableName, Key }));
        return Item?.status === 'refund_due' ? Item.reason : undefined;
      },
    };
  },
};

describe.each(Object.entries(subjects))('payments %s', (_where, newSubject) => {
  test('a payment is recorded once and for all, and its repeats are known', async () => {
    const { store } = await newSubject();
    for (let i = 0; i < 2; i += 1) expect(await store.record('sandbox', report, AT)).toBe('recorded');
  });

  test.each([
    { orderId: 'ord_0000000002' },
    { amount: { amountCents: 991, currency: 'CNY' } },
    { amount: { amountCents: 990, currency: 'USD' } },
  ])('the same transaction with %p differs, and the first stays', async (change) => {
    const { store } = await newSubject();
    await store.record('sandbox', report, AT);
    expect(await store.record('sandbox', { ...report, ...change }, AT)).toBe('differs');
    expect(await store.record('sandbox', report, AT)).toBe('recorded');
  });

  test('of many orders that claim one transaction at once, one gets it', async () => {
    const { store } = await newSubject();
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, (_, i) => store.record('sandbox', { ...report, orderId: `ord_${i}` }, AT)),
    );
    expect(outcomes.filter((outcome) => outcome === 'recorded')).toHaveLength(1);
  });

  test("another gateway's transaction of the same number is another payment", async () => {
    const { store, refundDue } = await newSubject();
    await store.record('sandbox', report, AT);
    expect(await store.record('epay', { ...report, orderId: 'ord_0000000002' }, AT)).toBe('recorded');
    await store.markRefundDue('epay', 'T1', 'no_order');
    expect(await refundDue('sandbox', 'T1')).toBeUndefined();
  });

  test('a refund is due for the first reason that was found', async () => {
    const { store, refundDue } = await newSubject();
    await store.record('sandbox', report, AT);
    expect(await refundDue('sandbox', 'T1')).toBeUndefined();
    await store.markRefundDue('sandbox', 'T1', 'surplus');
    await store.markRefundDue('sandbox', 'T1', 'no_order');
    expect(await refundDue('sandbox', 'T1')).toBe('surplus');
    expect(await store.record('sandbox', report, AT)).toBe('recorded');
  });

  test('no refund is due of what was never received', async () => {
    const { store, refundDue } = await newSubject();
    await store.markRefundDue('sandbox', 'T1', 'surplus');
    expect(await refundDue('sandbox', 'T1')).toBeUndefined();
  });
});
