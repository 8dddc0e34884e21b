import { createHmac, timingSafeEqual } from 'node:crypto';
import { sandboxCallback } from '../../contract/payments';
import { money } from '../../kernel/money';
import type { PaymentGateway, PaymentReport } from '../app/ports';

/**
 * The sandbox gateway, for stages without real money: its page lets a person pay, fail, pay twice, late or wrong.
 * Links and callbacks are signed alike: HMAC-SHA-256, in hex, over all fields but `sign`, sorted by name and
 * joined as `name=value` with `&`.
 */
export class SandboxGateway implements PaymentGateway {
  readonly name = 'sandbox';

  constructor(
    private readonly gateway: {
      /** Of the payment page. */
      readonly url: string;
      /** Shared with the gateway. */
      readonly secret: () => Promise<string>;
    },
  ) {}

  async linkFor(order: {
    orderId: string;
    amountCents: number;
    currency: string;
    deadlineAt: string;
  }): Promise<string> {
    const fields = {
      orderId: order.orderId,
      amountCents: String(order.amountCents),
      currency: order.currency,
      deadlineAt: order.deadlineAt,
    };
    const sign = await this.#sign(fields);
    return `${this.gateway.url}?${new URLSearchParams({ ...fields, sign })}`;
  }

  async readCallback(body: string): Promise<PaymentReport | undefined> {
    const parameters = [...new URLSearchParams(body)];
    const { sign = '', ...fields } = Object.fromEntries(parameters);
    // A name given twice would let a signed value hide an unsigned one.
    const unique = new Set(parameters.map(([name]) => name)).size === parameters.length;
    if (!unique || !equal(sign, await this.#sign(fields))) return undefined;
    const { success, data: report } = sandboxCallback.safeParse({ ...fields, sign });
    if (!success) return undefined;
    return {
      orderId: report.orderId,
      transactionId: report.transactionId,
      amount: money(Number(report.amountCents), report.currency),
      status: report.status,
    };
  }

  async #sign(fields: Readonly<Record<string, string>>): Promise<string> {
    const text = Object.entries(fields)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
    return createHmac('sha256', await this.gateway.secret())
      .update(text)
      .digest('hex');
  }
}

function equal(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
