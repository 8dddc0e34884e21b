import type { Money } from '../../kernel/money';
import type { Instant } from '../../kernel/time';

/** What a gateway reports of a payment, once its signature has been checked. */
export interface PaymentReport {
  readonly orderId: string;
  readonly transactionId: string;
  readonly amount: Money;
  readonly status: 'paid' | 'failed';
}

/** A payment gateway: where buyers are sent, and what its callbacks say. */
export interface PaymentGateway {
  readonly name: string;
  linkFor(order: {
    orderId: string;
    amountCents: number;
    currency: string;
    deadlineAt: Instant;
  }): Promise<string>;
  /** Undefined unless the gateway itself has signed every field. */
  readCallback(body: string): Promise<PaymentReport | undefined>;
}

/** Why money that arrived is to be given back. */
export type RefundReason = 'surplus' | 'wrong_amount' | 'no_order';

/** Every payment that a gateway reported, by its transaction: it pays one amount for one order. */
export interface PaymentStore {
  /** If absent, or there for the same order and amount already. `differs`: it stays as it was reported first. */
  record(gateway: string, report: PaymentReport, at: Instant): Promise<'recorded' | 'differs'>;
  markRefundDue(gateway: string, transactionId: string, reason: RefundReason): Promise<void>;
}
