import type { PaymentReport } from '../../../lambdas/payments/app/ports';
import { receiveCallback } from '../../../lambdas/payments/app/receive-callback';
import { MemoryPaymentStore } from '../../support/memory-payment-store';
import { orderRig, PRICE, paymentOf } from '../../support/order-rig';
import { trustingGateway } from '../../support/order-world';

async function rigWithPayments() {
  const rig = await orderRig();
  const payments = new MemoryPaymentStore();
  const ports = { ...rig.ports, payments, gateway: trustingGateway };
  const report = (orderId: string, changes: Partial<PaymentReport> = {}) =>
    receiveCallback(
      ports,
      JSON.stringify({ orderId, transactionId: 'T1', amount: PRICE, status: 'paid', ...changes }),
    );
  const row = (transactionId = 'T1') => payments.find('sandbox', transactionId);
  return { ...rig, ports, payments, report, row };
}

const notApplicable = { code: 'payments.not_applicable', kind: 'conflict' };

test('a payment is on record, its order is paid and its delivery begins', async () => {
  const { placed, report, row, order, started } = await rigWithPayments();
  const { orderId } = await placed();
  await report(orderId);
  expect(row()).toEqual({ orderId, amount: PRICE });
  expect(await order(orderId)).toMatchObject({ status: 'paid', payment: paymentOf('T1') });
  expect(started).toEqual([orderId]);
});

test('however often it is reported, it is one payment', async () => {
  const { placed, report, row, order, payments } = await rigWithPayments();
  const { orderId } = await placed();
  await report(orderId);
  const paid = await order(orderId);
  for (let i = 0; i < 3; i += 1) await expect(report(orderId)).resolves.toBeUndefined();
  expect(await order(orderId)).toEqual(paid);
  expect(row()).toEqual({ orderId, amount: PRICE });
  expect(payments.rows.size).toBe(1);
});

test('what the gateway has not signed is refused and leaves nothing', async () => {
  const { ports, placed, payments, order } = await rigWithPayments();
  const before = await placed();
  const gateway = { ...trustingGateway, readCallback: async () => undefined };
  await expect(receiveCallback({ ...ports, gateway }, 'forged')).rejects.toMatchObject({
    code: 'payments.signature_invalid',
    kind: 'invalid',
  });
  expect(payments.rows.size).toBe(0);
  expect(await order(before.orderId)).toEqual(before);
});

test('a failed payment needs no repeat and changes nothing', async () => {
  const { placed, report, payments, order } = await rigWithPayments();
  const before = await placed();
  await expect(report(before.orderId, { status: 'failed' })).resolves.toBeUndefined();
  expect(payments.rows.size).toBe(0);
  expect(await order(before.orderId)).toEqual(before);
});

test('a second payment of one order is accepted from the gateway and is to be refunded', async () => {
  const { placed, report, row, order } = await rigWithPayments();
  const { orderId } = await placed();
  await report(orderId);
  for (let i = 0; i < 2; i += 1) await report(orderId, { transactionId: 'T2' });
  expect(row('T2')).toEqual({ orderId, amount: PRICE, refundDue: 'surplus' });
  expect(row('T1')).toEqual({ orderId, amount: PRICE });
  expect((await order(orderId)).payment).toEqual(paymentOf('T1'));
});

test('a wrong amount is on record as to be refunded, and refused', async () => {
  const { placed, report, row, order } = await rigWithPayments();
  const before = await placed();
  const amount = { ...PRICE, amountCents: 1 };
  await expect(report(before.orderId, { amount })).rejects.toMatchObject(notApplicable);
  expect(row()).toEqual({ orderId: before.orderId, amount, refundDue: 'wrong_amount' });
  expect(await order(before.orderId)).toEqual(before);
});

test('money for no order is on record as to be refunded, and refused', async () => {
  const { report, row } = await rigWithPayments();
  await expect(report('ord_0000000000')).rejects.toMatchObject(notApplicable);
  expect(row()).toMatchObject({ refundDue: 'no_order' });
});

test('a payment that comes before its order has keys is to be reported again, and then counts', async () => {
  const { ports, abandoned, report, row, order } = await rigWithPayments();
  const { order: left } = await abandoned();
  await expect(report(left.orderId)).rejects.toMatchObject(notApplicable);
  expect(row()).toEqual({ orderId: left.orderId, amount: PRICE });
  await ports.orders.awaitPayment(left, [], left.placedAt);
  await report(left.orderId);
  expect((await order(left.orderId)).status).toBe('paid');
});

describe('a transaction that was reported before', () => {
  test('pays for no other order', async () => {
    const { placed, report, order, row } = await rigWithPayments();
    const [one, other] = [await placed(), await placed()];
    await report(one.orderId);
    await expect(report(other.orderId)).rejects.toMatchObject(notApplicable);
    expect(await order(other.orderId)).toEqual(other);
    expect(row()).toEqual({ orderId: one.orderId, amount: PRICE });
  });

  test('with the right amount is not to be refunded because of a wrong one', async () => {
    const { placed, report, row } = await rigWithPayments();
    const { orderId } = await placed();
    await report(orderId);
    const wrong = report(orderId, { amount: { ...PRICE, amountCents: 1 } });
    await expect(wrong).rejects.toMatchObject(notApplicable);
    expect(row()).toEqual({ orderId, amount: PRICE });
  });

  test('with a wrong amount, and is to be refunded, pays for nothing any more', async () => {
    const { placed, report, row, order } = await rigWithPayments();
    const before = await placed();
    const amount = { ...PRICE, amountCents: 1 };
    await expect(report(before.orderId, { amount })).rejects.toMatchObject(notApplicable);
    await expect(report(before.orderId)).rejects.toMatchObject(notApplicable);
    expect(row()).toEqual({ orderId: before.orderId, amount, refundDue: 'wrong_amount' });
    expect(await order(before.orderId)).toEqual(before);
  });
});

test('what crashes after the record is done by the repeat', async () => {
  const { ports, placed, report, order } = await rigWithPayments();
  const { orderId } = await placed();
  const body = JSON.stringify({ orderId, transactionId: 'T1', amount: PRICE, status: 'paid' });
  const workflow = { start: () => Promise.reject(new Error('no workflow')) };
  await expect(receiveCallback({ ...ports, workflow }, body)).rejects.toThrow('no workflow');
  await report(orderId);
  expect((await order(orderId)).status).toBe('paid');
});
