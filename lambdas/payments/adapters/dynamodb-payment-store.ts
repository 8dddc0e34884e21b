import * as z from 'zod';
import { sameMoney } from '../../kernel/money';
import { put, update } from '../../store/conditional-write';
import type { Table } from '../../store/table';
import type { PaymentReport, PaymentStore, RefundReason } from '../app/ports';

/**
 * Table `orders`, beside the orders that the payments are for.
 *
 * | access pattern           | key                                  | index |
 * |--------------------------|--------------------------------------|-------|
 * | a gateway's transaction  | pk payment#<gateway>#<transactionId> | -     |
 */
export class DynamoDbPaymentStore implements PaymentStore {
  constructor(private readonly table: Table) {}

  async record(
    gateway: string,
    { orderId, transactionId, amount }: PaymentReport,
    at: string,
  ): Promise<'recorded' | 'differs'> {
    const outcome = await put(this.table, {
      Item: { ...paymentKey(gateway, transactionId), orderId, ...amount, status: 'received', receivedAt: at },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    if (outcome.won) return 'recorded';
    const first = paymentItem.parse(outcome.item);
    return first.orderId === orderId && sameMoney(first, amount) ? 'recorded' : 'differs';
  }

  async markRefundDue(gateway: string, transactionId: string, reason: RefundReason): Promise<void> {
    const received = '#status = :received';
    await update(this.table, {
      Key: paymentKey(gateway, transactionId),
      UpdateExpression: 'SET #status = :refundDue, reason = :reason',
      ConditionExpression: received,
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':received': 'received', ':refundDue': 'refund_due', ':reason': reason },
    });
  }
}

const paymentItem = z.object({ orderId: z.string(), amountCents: z.int(), currency: z.string() });

const paymentKey = (gateway: string, transactionId: string) => ({
  pk: `payment#${gateway}#${transactionId}`,
});
