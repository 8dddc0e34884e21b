import * as z from 'zod';

/** What a buyer can do at the gateway. */
export const actions = ['pay', 'fail', 'pay_twice', 'pay_late', 'pay_wrong_amount'] as const;
export type Action = (typeof actions)[number];

/** The shop's payment link, as the query of its URL. */
export const link = z.object({
  orderId: z.string(),
  amountCents: z.string().regex(/^\d+$/),
  currency: z.string(),
  deadlineAt: z.iso.datetime(),
  sign: z.string(),
});
export type Link = z.infer<typeof link>;

/** `taken`: the shop has answered `success`; if not, the gateway goes on reporting. */
export interface Payment {
  readonly transactionId: string;
  readonly taken: boolean;
}

/** What the payment page shows. */
export type PageContent = { readonly error: string } | { readonly link: Link; readonly payments?: Payment[] };
