/** Crockford's base 32 in lower case: no i, l, o, u to misread, safe in URLs and e-mails. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Five bits a character, the last one padded with zero bits. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(buffer >>> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(buffer << (5 - bits)) & 31] : text;
}

/** `prefix` is the kind of thing (`ord`, `lot`), `bytes` its randomness or digest. */
export const idOf = (prefix: string, bytes: Uint8Array): string => `${prefix}_${base32(bytes)}`;

/** Makes new unguessable ids: a port, so that tests can make them predictable. */
export type NewId = (prefix: string) => string;
