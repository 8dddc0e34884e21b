import type { OrderingSettings } from '../../contract/merchants';
import type { NewId } from '../../kernel/ids';
import type { Clock } from '../../kernel/time';
import type { Merchant, StaffMember } from '../domain/merchant';

export interface ShopDirectory {
  findShop(slug: string): Promise<Merchant | undefined>;
}

/** Whom a slug belongs to: the merchant, and the e-mail address that it was opened for. */
export interface SlugClaim {
  readonly merchantId: string;
  readonly ownerEmail: string;
}

export interface MerchantStore {
  findSlugClaim(slug: string): Promise<SlugClaim | undefined>;
  /** The merchant and its claim on the slug stand together or not at all. */
  openMerchant(merchant: Merchant, ownerEmail: string): Promise<'opened' | 'slug_taken'>;
  /** Throws `shops.not_found`. */
  loadMerchant(merchantId: string): Promise<Merchant>;
  /** Changes the named settings alone and answers the merchant as it then stands. Throws `shops.not_found`. */
  changeSettings(merchantId: string, changes: Partial<OrderingSettings>): Promise<Merchant>;
}

export interface StaffDirectory {
  /** The member's standing record; undefined for one who is disabled. */
  findActive(merchantId: string, staffId: string): Promise<StaffMember | undefined>;
  /** Never changes a record that stands: a disabled member stays disabled. */
  admit(member: StaffMember): Promise<'admitted' | 'already_there'>;
}

/** Somebody who can sign in; `merchantId` is the one that the account is bound to for good. */
export interface StaffAccount {
  readonly staffId: string;
  readonly merchantId: string | undefined;
}

export interface StaffPool {
  findAccount(email: string): Promise<StaffAccount | undefined>;
  /**
   * Creates the account, which mails the invitation, and puts it into the role's group. An account that exists is
   * completed and mailed nothing; the answer tells which merchant it belongs to, and only that merchant's is touched.
   */
  invite(member: Pick<StaffMember, 'merchantId' | 'email' | 'role'>): Promise<StaffAccount>;
}

export interface MerchantPorts {
  readonly merchants: MerchantStore;
  readonly shops: ShopDirectory;
  readonly staff: StaffDirectory;
  readonly staffPool: StaffPool;
  readonly newId: NewId;
  readonly clock: Clock;
}
