import type { KeyFormat } from '../../contract/imports';

/** A delimiter as the splitter meets it: bytes, in GBK with each character of two bytes as one number. */
export function delimiterUnits(encoding: KeyFormat['encoding'], delimiter: string): number[] {
  const bytes = [...new TextEncoder().encode(delimiter)];
  const isAscii = bytes.length === delimiter.length;
  if (encoding === 'utf-8' || isAscii) return bytes;
  const units = gbkUnits();
  // A character that GBK lacks can stand in no GBK file: a unit that never matches.
  return [...delimiter].map((character) => units.get(character) ?? -1);
}

let knownUnits: ReadonlyMap<string, number> | undefined;

/** There is a decoder of GBK alone: its table is found by decoding every pair of bytes, once. */
function gbkUnits(): ReadonlyMap<string, number> {
  knownUnits ??= findUnits();
  return knownUnits;
}

function findUnits(): ReadonlyMap<string, number> {
  const decoder = new TextDecoder('gbk');
  const units = new Map<string, number>();
  for (let byte = 0; byte < 0x80; byte += 1) units.set(String.fromCharCode(byte), byte);
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const text = decoder.decode(Uint8Array.of(lead, trail));
      if (text.length === 1 && text !== '\ufffd') units.set(text, (lead << 8) | trail);
    }
  }
  return units;
}
