import type { DisclosurePorts } from './ports';
import type { HeldSlot } from './release-keys';

export interface OpenedKey {
  readonly fields: readonly { readonly label: string; readonly value: string }[];
  /** When the key ceases to be valid, if it does. */
  readonly expiresAt: string;
}

/**
 * The plaintext of keys that their holder was delivered, in the order asked for. Marks each as revealed before it
 * is opened, so that a disclosed key can never return to stock. Throws if one is not the holder's.
 */
export async function openKeys(ports: DisclosurePorts, held: readonly HeldSlot[]): Promise<OpenedKey[]> {
  const slots = await Promise.all(
    held.map(async ({ slot, holder }) => {
      const revealed = await ports.slots.reveal(slot, holder);
      if (revealed === 'lost') throw new Error('a delivered key is not its holder’s');
      return revealed;
    }),
  );
  const secrets = await ports.secrets.findMany(slots.map((slot) => slot.secretId));
  const segments = await ports.segments.findMany([...new Set(slots.map((slot) => slot.segmentId))]);
  const opened = new Map(
    await Promise.all(
      segments.map(
        async (segment) =>
          [segment.segmentId, { segment, open: await ports.opener.unwrap(segment) }] as const,
      ),
    ),
  );
  return slots.map(({ segmentId, secretId }) => {
    const from = opened.get(segmentId);
    const ciphertext = secrets.get(secretId);
    if (from === undefined || ciphertext === undefined) throw new Error('a delivered key has no secret');
    const fields = from
      .open(secretId, ciphertext)
      .map((value, i) => ({ label: from.segment.labels[i] ?? '', value }));
    return { fields, expiresAt: from.segment.expiresAt };
  });
}
