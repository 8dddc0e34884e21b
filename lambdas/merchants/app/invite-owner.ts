import type { OrderingSettings } from '../../contract/merchants';
import { conflict } from '../../kernel/errors';
import { toInstant } from '../../kernel/time';
import type { MerchantPorts } from './ports';

export interface OwnerInvitation {
  readonly slug: string;
  readonly name: string;
  readonly currency: string;
  /** In lower case. */
  readonly email: string;
  /** What the merchant starts with. */
  readonly settings: OrderingSettings;
}

type Ports = Pick<MerchantPorts, 'merchants' | 'staff' | 'staffPool' | 'newId' | 'clock'>;

/**
 * Opens a merchant and invites its first owner. Each step finds what an earlier, interrupted call has done, so a
 * repeat for the same slug and e-mail completes what is missing; name and currency stay those of the first call.
 * Throws `merchants.slug_taken` and `merchants.email_taken`.
 */
export async function inviteOwner(ports: Ports, invitation: OwnerInvitation) {
  const { slug, email } = invitation;
  const claim = await ports.merchants.findSlugClaim(slug);
  if (claim !== undefined && claim.ownerEmail !== email) throw conflict('merchants.slug_taken');

  // Before the slug is claimed, or a merchant would stand that this address can never own.
  const account = await ports.staffPool.findAccount(email);
  if (account !== undefined && account.merchantId !== claim?.merchantId)
    throw conflict('merchants.email_taken');

  const merchantId = claim?.merchantId ?? (await openMerchant(ports, invitation));
  const member = { merchantId, email, role: 'owner' } as const;
  const invited = await ports.staffPool.invite(member);
  if (invited.merchantId !== merchantId) throw conflict('merchants.email_taken');

  await ports.staff.admit({ ...member, staffId: invited.staffId });
  return { merchantId, slug, email };
}

async function openMerchant(
  ports: Pick<Ports, 'merchants' | 'newId' | 'clock'>,
  { slug, name, currency, email, settings }: OwnerInvitation,
): Promise<string> {
  const merchantId = ports.newId('mer');
  const createdAt = toInstant(ports.clock());
  const merchant = { merchantId, slug, name, currency, settings, createdAt };
  const outcome = await ports.merchants.openMerchant(merchant, email);
  if (outcome === 'slug_taken') throw conflict('merchants.slug_taken');
  return merchantId;
}
