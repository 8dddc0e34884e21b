import { type Instant, NEVER } from '../../kernel/time';

const FORM =
  /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const MINUTE_MS = 60_000;

/**
 * Reads `2026-12-31`, `2026/12/31`, `2026-12-31 23:59:59` and ISO 8601. Without an offset it is a time of the zone;
 * a date alone ends at that day's end. Answers undefined for what is no such date.
 */
export function expiryParser(timeZone: string): (text: string) => Instant | undefined {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const zoneOffset = (utc: number): number => wallClock(clock, utc) - Math.floor(utc / 1000) * 1000;

  return (text) => {
    const match = FORM.exec(text);
    if (match === null) return undefined;
    const [, year, , month, day, hour, minute, second = '0', fraction = '0', offset] = match;
    const isDateAlone = hour === undefined;
    const fields = isDateAlone
      ? [23, 59, 59, 999]
      : [hour, minute, second, fraction.padEnd(3, '0')].map(Number);
    const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), ...fields);
    if (!isReal(wall, [Number(year), Number(month), Number(day), ...fields])) return undefined;
    const utc = offset === undefined ? inZone(wall, zoneOffset) : wall - offsetMs(offset);
    return utc < Date.parse(NEVER) ? new Date(utc).toISOString() : NEVER;
  };
}

/** The offset at the wall time itself decides, not the one of the guess: they differ near a change of clocks. */
function inZone(wall: number, zoneOffset: (utc: number) => number): number {
  const guess = wall - zoneOffset(wall);
  return wall - zoneOffset(guess);
}

function wallClock(clock: Intl.DateTimeFormat, utc: number): number {
  const parts = new Map(clock.formatToParts(utc).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

function offsetMs(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * MINUTE_MS;
}

/** The 31st of February would silently become a day of March. */
function isReal(wall: number, fields: readonly number[]): boolean {
  const date = new Date(wall);
  const read = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  return read.every((value, i) => value === fields[i]);
}
