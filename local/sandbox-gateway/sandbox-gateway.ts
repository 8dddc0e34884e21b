import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { readBody } from '../request-body';
import { type CallbackOptions, Callbacks } from './callbacks';
import { type Action, actions, type Link, link, type PageContent, type Payment } from './payment-link';
import { paymentPage } from './payment-page';
import { isSigned } from './signature';

export const PAYMENT_PATH = '/sandbox-gateway/pay';

/** A payment after the deadline is reported this much later. */
const LATE_BY_MS = 3_000;

/**
 * A payment gateway as the shop sees one: signed links in, signed callbacks out, repeated until they are answered.
 * Its buyers pay by pressing a button. It runs here alone; the cloud has no such thing.
 */
export class SandboxGateway {
  readonly #callbacks: Callbacks;

  constructor(private readonly options: CallbackOptions) {
    this.#callbacks = new Callbacks(options);
  }

  /** Takes up the callbacks that an earlier process has left. */
  resume(): void {
    this.#callbacks.resume();
  }

  close(): Promise<void> {
    return this.#callbacks.close();
  }

  /** Serves the payment page; false when the path is not its own. */
  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    if (url.pathname !== PAYMENT_PATH) return false;
    const wantsJson = request.headers.accept?.includes('application/json') ?? false;
    const form = request.method === 'POST' ? new URLSearchParams(String(await readBody(request))) : undefined;
    const fields = link.safeParse(Object.fromEntries(form ?? url.searchParams));
    if (!fields.success || !isSigned(fields.data, await this.options.secret())) {
      return answer(response, 400, wantsJson, { error: 'this is not a link that the shop has signed' });
    }
    if (form === undefined) return answer(response, 200, wantsJson, { link: fields.data });
    const action = z.enum(actions).safeParse(form.get('action'));
    if (!action.success) {
      return answer(response, 400, wantsJson, { error: `action is one of ${actions.join(', ')}` });
    }
    const payments = await this.#perform(action.data, fields.data);
    return answer(response, 200, wantsJson, { link: fields.data, payments });
  }

  async #perform(action: Action, { orderId, amountCents, currency, deadlineAt }: Link): Promise<Payment[]> {
    const fields = (changes: Partial<{ amountCents: string; status: string }> = {}) => ({
      orderId,
      transactionId: `sbx_${randomUUID().replaceAll('-', '')}`,
      amountCents,
      currency,
      status: 'paid',
      ...changes,
    });
    const reportNow = async (report: ReturnType<typeof fields>): Promise<Payment> => ({
      transactionId: report.transactionId,
      taken: await this.#callbacks.report(report),
    });
    switch (action) {
      case 'pay':
        return [await reportNow(fields())];
      case 'fail':
        return [await reportNow(fields({ status: 'failed' }))];
      case 'pay_twice':
        return [await reportNow(fields()), await reportNow(fields())];
      case 'pay_wrong_amount':
        return [await reportNow(fields({ amountCents: String(Number(amountCents) - 1) }))];
      case 'pay_late': {
        const late = fields();
        this.#callbacks.reportAfter(late, Math.max(0, Date.parse(deadlineAt) - Date.now()) + LATE_BY_MS);
        return [{ transactionId: late.transactionId, taken: false }];
      }
    }
  }
}

function answer(response: ServerResponse, status: number, wantsJson: boolean, content: PageContent): true {
  response.writeHead(status, {
    'content-type': wantsJson ? 'application/json' : 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
  });
  response.end(wantsJson ? JSON.stringify(content) : paymentPage(content));
  return true;
}
