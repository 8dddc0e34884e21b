import type { APIGatewayProxyEvent } from 'aws-lambda';
import { MERCHANT_ATTRIBUTE, type Role } from '../contract/staff';
import { DomainError } from '../kernel/errors';

/** The member of a merchant's staff who calls. */
export interface Staff {
  readonly merchantId: string;
  readonly staffId: string;
  readonly email: string;
  readonly role: Role;
}

/** Answers the member's standing record; a disabled member has none. */
export interface StaffDirectory {
  findActive(merchantId: string, staffId: string): Promise<Staff | undefined>;
}

/**
 * The caller of a console route. The gateway has verified the ID token; the standing record decides, so that a
 * member who was disabled is out at once, whatever the token still says.
 */
export async function staffOf(
  event: APIGatewayProxyEvent,
  directory: StaffDirectory,
  admitted: readonly Role[],
): Promise<Staff> {
  const claims = event.requestContext.authorizer?.claims as Record<string, string> | undefined;
  const merchantId = claims?.[`custom:${MERCHANT_ATTRIBUTE}`];
  const staffId = claims?.sub;
  if (!merchantId || !staffId) throw new DomainError('request.unauthenticated', 'unauthenticated');
  const staff = await directory.findActive(merchantId, staffId);
  if (staff === undefined) throw new DomainError('request.unauthenticated', 'unauthenticated');
  if (!admitted.includes(staff.role)) throw new DomainError('request.forbidden', 'forbidden');
  return staff;
}
