import type { OrderingSettings } from '../../lambdas/contract/merchants';
import { notFound } from '../../lambdas/kernel/errors';
import type {
  MerchantStore,
  ShopDirectory,
  SlugClaim,
  StaffAccount,
  StaffDirectory,
  StaffPool,
} from '../../lambdas/merchants/app/ports';
import type { Merchant, StaffMember } from '../../lambdas/merchants/domain/merchant';

export class MemoryMerchantStore implements MerchantStore, ShopDirectory {
  readonly merchants = new Map<string, Merchant>();
  readonly claims = new Map<string, SlugClaim>();

  async findSlugClaim(slug: string) {
    return this.claims.get(slug);
  }

  async findShop(slug: string) {
    const claim = this.claims.get(slug);
    return claim && this.merchants.get(claim.merchantId);
  }

  async openMerchant(merchant: Merchant, ownerEmail: string) {
    if (this.claims.has(merchant.slug)) return 'slug_taken';
    this.claims.set(merchant.slug, { merchantId: merchant.merchantId, ownerEmail });
    this.merchants.set(merchant.merchantId, merchant);
    return 'opened';
  }

  async loadMerchant(merchantId: string) {
    const merchant = this.merchants.get(merchantId);
    if (merchant === undefined) throw notFound('shops.not_found');
    return merchant;
  }

  async changeSettings(merchantId: string, changes: Partial<OrderingSettings>) {
    const merchant = this.merchants.get(merchantId);
    if (merchant === undefined) throw notFound('shops.not_found');
    const changed = { ...merchant, settings: { ...merchant.settings, ...changes } };
    this.merchants.set(merchantId, changed);
    return changed;
  }
}

export class MemoryStaffDirectory implements StaffDirectory {
  readonly records = new Map<string, StaffMember & { disabled: boolean }>();

  async findActive(merchantId: string, staffId: string) {
    const record = this.records.get(`${merchantId} ${staffId}`);
    if (record === undefined || record.disabled) return undefined;
    const { disabled: _, ...member } = record;
    return member;
  }

  async admit(member: StaffMember) {
    const key = `${member.merchantId} ${member.staffId}`;
    if (this.records.has(key)) return 'already_there';
    this.records.set(key, { ...member, disabled: false });
    return 'admitted';
  }
}

/** Keeps accounts and records whom it has mailed. */
export class MemoryStaffPool implements StaffPool {
  readonly accounts = new Map<string, StaffAccount>();
  readonly groups = new Map<string, string>();
  readonly mailed: string[] = [];

  async findAccount(email: string) {
    return this.accounts.get(email);
  }

  async invite({ merchantId, email, role }: Pick<StaffMember, 'merchantId' | 'email' | 'role'>) {
    let account = this.accounts.get(email);
    if (account === undefined) {
      account = { staffId: `sub-of-${email}`, merchantId };
      this.accounts.set(email, account);
      this.mailed.push(email);
    }
    if (account.merchantId === merchantId) this.groups.set(email, role);
    return account;
  }
}
