import * as z from 'zod';

/** The groups of the staff pool. */
export const roles = ['owner', 'operator', 'finance', 'support'] as const;
export const role = z.enum(roles).meta({ id: 'Role' });
export type Role = z.infer<typeof role>;

/** The staff pool's attribute that binds a member to a merchant; clients cannot write it. */
export const MERCHANT_ATTRIBUTE = 'merchantId';
