import { conflict, DomainError } from '../../kernel/errors';
import { NEVER, plusSeconds, toInstant } from '../../kernel/time';
import { type DisclosurePorts, openKeys } from '../../vault';
import { heldKeys } from './held-keys';
import { type BuyersClaim, loadBuyersOrder } from './load-buyers-order';
import type { OrderPorts } from './ports';

const TOKEN_SECONDS = 60;

type ClaimPorts = Pick<OrderPorts, 'clock' | 'shops' | 'credentials' | 'orders' | 'revealTokens'>;

/** A token for one reveal of a delivered order. */
export async function createRevealToken(ports: ClaimPorts, claim: BuyersClaim) {
  const order = await loadDelivered(ports, claim);
  const expiresAt = plusSeconds(toInstant(ports.clock()), TOKEN_SECONDS);
  return { revealToken: await ports.revealTokens.issue(order.orderId, expiresAt), expiresAt };
}

/**
 * The plaintext of a delivered order's keys, once for each token. The audit row stands before anything is
 * disclosed: no disclosure goes unrecorded, at the price that a failed one may be recorded too.
 */
export async function revealKeys(
  ports: ClaimPorts & Pick<OrderPorts, 'reveals'> & { readonly vault: DisclosurePorts },
  claim: BuyersClaim,
  request: {
    readonly revealToken: string;
    /** From 1; all keys without it. */
    readonly position?: number | undefined;
    readonly address: string;
    readonly userAgent: string;
  },
) {
  const order = await loadDelivered(ports, claim);
  if (request.position !== undefined && request.position > order.keys.length) {
    const message = `is at most ${order.keys.length}, the keys of the order`;
    throw new DomainError('request.invalid', 'invalid', { fields: [{ field: 'body.position', message }] });
  }
  const now = toInstant(ports.clock());
  if (!(await ports.revealTokens.redeem(request.revealToken, order.orderId, now))) {
    throw conflict('orders.reveal_token_invalid');
  }
  const wanted = heldKeys(order)
    .map((key, i) => ({ key, position: i + 1 }))
    .filter(({ position }) => request.position === undefined || request.position === position);
  await ports.reveals.record({
    orderId: order.orderId,
    at: now,
    actor: 'buyer',
    address: request.address,
    userAgent: request.userAgent,
    positions: wanted.map(({ position }) => position),
  });
  const opened = await openKeys(
    ports.vault,
    wanted.map(({ key }) => key),
  );
  const keys = opened.map(({ fields, expiresAt }, i) => ({
    position: wanted[i]?.position ?? 0,
    fields: [...fields],
    ...(expiresAt === NEVER ? {} : { expiresAt }),
  }));
  return { keys };
}

async function loadDelivered(ports: ClaimPorts, claim: BuyersClaim) {
  const order = await loadBuyersOrder(ports, claim);
  if (order.status !== 'delivered') throw conflict('orders.not_delivered');
  return order;
}
