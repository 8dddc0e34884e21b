import { type Instant, secondsBetween, toInstant } from '../../kernel/time';
import { expireOrder } from './expire-order';
import type { OrderPorts } from './ports';

/** The longest delay of a queue's message. */
const LONGEST_DELAY_SECONDS = 900;

export const deadlineDelay = (now: Instant, deadlineAt: Instant): number =>
  Math.min(LONGEST_DELAY_SECONDS, Math.max(0, Math.ceil(secondsBetween(now, deadlineAt))));

type Ports = Pick<OrderPorts, 'clock' | 'orders' | 'limits' | 'stock' | 'deadlines'>;

/** Expires an order whose payment deadline has come; sent too early, the message is sent again. */
export async function meetDeadline(
  ports: Ports,
  message: { readonly orderId: string; readonly deadlineAt: Instant },
): Promise<void> {
  const now = toInstant(ports.clock());
  if (now < message.deadlineAt) {
    await ports.deadlines.schedule(message, deadlineDelay(now, message.deadlineAt));
    return;
  }
  const order = await ports.orders.find(message.orderId);
  const unpaid = order?.status === 'allocating' || order?.status === 'pending_payment';
  if (order && unpaid) await expireOrder(ports, order, { actor: 'system', reason: 'deadline' });
}
