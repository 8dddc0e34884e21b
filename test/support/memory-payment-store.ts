import { sameMoney } from '../../lambdas/kernel/money';
import type { PaymentReport, PaymentStore, RefundReason } from '../../lambdas/payments/app/ports';

interface PaymentRow extends Pick<PaymentReport, 'orderId' | 'amount'> {
  readonly refundDue?: RefundReason;
}

export class MemoryPaymentStore implements PaymentStore {
  readonly rows = new Map<string, PaymentRow>();

  async record(gateway: string, { orderId, transactionId, amount }: PaymentReport) {
    const row = this.find(gateway, transactionId);
    if (row === undefined) this.rows.set(`${gateway} ${transactionId}`, { orderId, amount });
    const same = row === undefined || (row.orderId === orderId && sameMoney(row.amount, amount));
    return same ? 'recorded' : 'differs';
  }

  async markRefundDue(gateway: string, transactionId: string, reason: RefundReason): Promise<void> {
    const row = this.find(gateway, transactionId);
    if (row !== undefined && row.refundDue === undefined) {
      this.rows.set(`${gateway} ${transactionId}`, { ...row, refundDue: reason });
    }
  }

  find(gateway: string, transactionId: string): PaymentRow | undefined {
    return this.rows.get(`${gateway} ${transactionId}`);
  }
}
