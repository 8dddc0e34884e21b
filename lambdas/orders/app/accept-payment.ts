import { type Money, sameMoney } from '../../kernel/money';
import { toInstant } from '../../kernel/time';
import type { Order, Payment } from '../domain/order';
import { finishRelease } from './expire-order';
import { forgetClients } from './limit-clients';
import type { OrderPorts } from './ports';

type Ports = Pick<OrderPorts, 'clock' | 'orders' | 'limits' | 'stock' | 'workflow'>;

/**
 * What a payment means for the order it names. `applied`: the order stands on it, now or since an earlier report of
 * the same payment. `surplus`: the order needs no money, this is to be refunded. `not_yet`: the order is not ready
 * to be paid; report again.
 */
export type PaymentOutcome = 'applied' | 'surplus' | 'wrong_amount' | 'no_order' | 'not_yet';

/**
 * Applies a payment to its order and sets the delivery going. Reported again on a paid, undelivered order it
 * starts the delivery again: the gateway's repeats are one more way out of a crash.
 */
export async function acceptPayment(
  ports: Ports,
  orderId: string,
  payment: Payment & { readonly amount: Money },
): Promise<PaymentOutcome> {
  const order = await ports.orders.find(orderId);
  if (order === undefined) return 'no_order';
  if (!sameMoney(payment.amount, order)) return 'wrong_amount';

  if (order.payment !== undefined) {
    if (!samePayment(order.payment, payment)) return 'surplus';
    if (order.status === 'paid' || order.status === 'reallocating') await ports.workflow.start(orderId);
    return 'applied';
  }
  if (order.status === 'allocating') return 'not_yet';
  if (order.status === 'sold_out') return 'surplus';

  const paid = await pay(ports, order, payment);
  // Somebody else moved the order (expiry, another payment): decide anew by what it is now.
  if (paid === 'raced') return acceptPayment(ports, orderId, payment);
  await forgetClients(ports, order);
  await ports.workflow.start(orderId);
  return 'applied';
}

/** Too late, the order is taken up again without keys; the delivery gets it new ones. */
async function pay(ports: Ports, order: Order, { gateway, transactionId }: Payment) {
  const payment = { gateway, transactionId };
  const at = toInstant(ports.clock());
  if (order.status !== 'expired') return ports.orders.pay(order, payment, at);
  if (order.dueAt !== undefined && (await finishRelease(ports, order)) === 'raced') return 'raced';
  return ports.orders.reopen(order, payment, at);
}

const samePayment = (a: Payment, b: Payment): boolean =>
  a.gateway === b.gateway && a.transactionId === b.transactionId;
