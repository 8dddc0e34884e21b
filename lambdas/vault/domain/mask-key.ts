const MASK_LENGTH = 40;
const STARS = '****';
/** UTF-16 units shown at each end, and so never more than this many characters in a row. */
const SHOWN_UNITS = 4;
/** A shorter value has nothing to spare. */
const SHORTEST_SHOWN = 12;
/** At each end at most this share of a value is shown. */
const SHOWN_SHARE = 1 / 6;

/** Enough to recognise a key by, too little to use it: the ends of each value, at most 40 characters in all. */
export function maskKey(values: readonly string[]): string {
  const characters = [...values.map(maskValue).join(' / ')];
  return characters.length <= MASK_LENGTH
    ? characters.join('')
    : `${characters.slice(0, MASK_LENGTH - 1).join('')}…`;
}

function maskValue(value: string): string {
  const characters = [...value];
  // With stars of its own a key could be shown on by the mask's.
  if (characters.length < SHORTEST_SHOWN || value.includes('*')) return STARS;
  const shown = Math.min(SHOWN_UNITS, Math.floor(characters.length * SHOWN_SHARE));
  const head = upTo(shown, characters);
  const tail = upTo(shown, characters.toReversed()).toReversed();
  return `${head.join('')}${STARS}${tail.join('')}`.replace(/\s/g, ' ');
}

/** Whole characters of at most so many UTF-16 units. */
function upTo(units: number, characters: readonly string[]): string[] {
  const taken: string[] = [];
  let length = 0;
  for (const character of characters) {
    length += character.length;
    if (length > units) break;
    taken.push(character);
  }
  return taken;
}
