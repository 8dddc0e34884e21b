import type { OrderingSettings } from '../../contract/merchants';
import type { Role } from '../../contract/staff';
import type { Instant } from '../../kernel/time';

/** Who sells. The slug is the shop's public address and, like the currency, never changes. */
export interface Merchant {
  readonly merchantId: string;
  readonly slug: string;
  readonly name: string;
  readonly currency: string;
  readonly settings: OrderingSettings;
  readonly createdAt: Instant;
}

/** One who works for a merchant; the staff id is the `sub` of the account in the staff pool. */
export interface StaffMember {
  readonly merchantId: string;
  readonly staffId: string;
  readonly email: string;
  readonly role: Role;
}
