import * as z from 'zod';
import { routes } from './route';
import { currency } from './values';

/** The gateways that an adapter exists for. The sandbox is for stages without real money. */
export const gateways = ['sandbox'] as const;
export type Gateway = (typeof gateways)[number];

/** What the sandbox gateway posts, form-encoded, signed over every field before `sign`. */
export const sandboxCallback = z.object({
  orderId: z.string().max(60),
  transactionId: z.string().min(1).max(64),
  amountCents: z.string().regex(/^\d{1,12}$/),
  currency,
  status: z.enum(['paid', 'failed']),
  sign: z.string().max(128),
});

/** Only stages that use the sandbox gateway have these routes. */
export const sandboxCallbackRoutes = routes({
  sandboxCallback: {
    method: 'POST',
    path: '/payments/sandbox/callback',
    summary: 'What the sandbox gateway calls when a payment is made',
    description:
      'Answers `success` in plain text, to repeats too; the gateway repeats what is answered otherwise.',
    body: sandboxCallback,
    bodyFormat: 'raw',
    status: 200,
    response: z.literal('success'),
    responseFormat: 'text',
    problems: ['payments.signature_invalid', 'payments.not_applicable'],
  },
});
