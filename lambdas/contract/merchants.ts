import * as z from 'zod';
import type { ProblemCode } from './problems';
import { routes } from './route';
import { role } from './staff';
import { currency, merchantId, shopSlug } from './values';

/** What a merchant decides about ordering in its shop. */
export const orderingSettings = z.strictObject({
  paymentDeadlineMinutes: z
    .int('is a whole number of minutes')
    .min(5, 'is at least 5')
    .max(120, 'is at most 120')
    .meta({ description: 'How long an unpaid order holds its keys.' }),
  unpaidOrdersPerClient: z
    .int('is a whole number')
    .min(1, 'is at least 1')
    .max(20, 'is at most 20')
    .meta({ description: 'Unpaid orders that one contact, and one address, may have at a time.' }),
  heldKeysPerClient: z.int('is a whole number').min(1, 'is at least 1').max(1000, 'is at most 1000').meta({
    description: 'Keys that the unpaid orders of one contact, and of one address, may hold together.',
  }),
});
export type OrderingSettings = z.infer<typeof orderingSettings>;

export const defaultOrderingSettings: OrderingSettings = {
  paymentDeadlineMinutes: 15,
  unpaidOrdersPerClient: 2,
  heldKeysPerClient: 10,
};

export const merchant = z
  .object({
    merchantId,
    slug: shopSlug,
    name: z.string(),
    currency,
    settings: orderingSettings,
    createdAt: z.string(),
  })
  .meta({ id: 'Merchant' });
export type Merchant = z.infer<typeof merchant>;

export const staffMember = z
  .object({ staffId: z.string(), email: z.string(), role })
  .meta({ id: 'StaffMember' });

export const consoleMerchantRoutes = routes({
  getMerchant: {
    method: 'GET',
    path: '/merchant',
    summary: 'The merchant that the caller works for, and who the caller is',
    roles: ['owner', 'operator', 'finance', 'support'],
    status: 200,
    response: z.object({ merchant, caller: staffMember }),
    problems: [],
  },
  changeSettings: {
    method: 'PATCH',
    path: '/merchant/settings',
    summary: 'Change the payment deadline and the limits of unpaid orders',
    description: 'Orders that stand keep the deadline they were given.',
    roles: ['owner'],
    body: orderingSettings.partial(),
    status: 200,
    response: merchant,
    problems: [],
  },
});

/** What `npm run invite-owner` sends to the function that opens a merchant. */
export const inviteOwnerInput = z.strictObject({
  slug: shopSlug,
  name: z.string().trim().min(1, 'is not empty').max(80, 'has at most 80 characters'),
  currency: currency.default('CNY'),
  email: z.email('is an e-mail address').transform((text) => text.toLowerCase()),
});
export type InviteOwnerInput = z.input<typeof inviteOwnerInput>;

export const inviteOwnerOutput = z.object({ merchantId, slug: shopSlug, email: z.string() });
export type InviteOwnerOutput = z.infer<typeof inviteOwnerOutput>;

/** The refusals of that function. */
export const inviteOwnerProblems = [
  'merchants.slug_taken',
  'merchants.email_taken',
] as const satisfies readonly ProblemCode[];
