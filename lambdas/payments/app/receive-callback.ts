import { conflict, DomainError } from '../../kernel/errors';
import { type Clock, toInstant } from '../../kernel/time';
import { acceptPayment, type OrderPorts } from '../../orders';
import type { PaymentGateway, PaymentStore } from './ports';

type Ports = {
  readonly clock: Clock;
  readonly gateway: Pick<PaymentGateway, 'name' | 'readCallback'>;
  readonly payments: PaymentStore;
} & Pick<OrderPorts, 'orders' | 'limits' | 'stock' | 'workflow'>;

/**
 * Takes a gateway's report of a payment: recorded first, then applied. Returns when the gateway need not repeat
 * it. Money that fits no order is on record as to be refunded, and refused, so that the gateway's own records
 * show it too.
 */
export async function receiveCallback(ports: Ports, body: string): Promise<void> {
  const report = await ports.gateway.readCallback(body);
  if (report === undefined) throw new DomainError('payments.signature_invalid', 'invalid');
  if (report.status === 'failed') return;

  const gateway = ports.gateway.name;
  const { orderId, transactionId, amount } = report;
  const recorded = await ports.payments.record(gateway, report, toInstant(ports.clock()));
  if (recorded === 'differs') throw notApplicable('the transaction was reported before, as another payment');

  const outcome = await acceptPayment(ports, orderId, { gateway, transactionId, amount });
  switch (outcome) {
    case 'applied':
      return;
    case 'surplus':
      return ports.payments.markRefundDue(gateway, transactionId, outcome);
    case 'wrong_amount':
    case 'no_order':
      await ports.payments.markRefundDue(gateway, transactionId, outcome);
      throw notApplicable(
        outcome === 'no_order' ? 'there is no such order' : 'the amount is not the order’s',
      );
    case 'not_yet':
      throw notApplicable('the order is still being placed');
  }
}

const notApplicable = (detail: string) => conflict('payments.not_applicable', detail);
