import { type Html, html } from './html';

/** A moment, given in milliseconds since 1970, to the second: `2026-01-31 23:59:59Z`. */
export function moment(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}Z</time>`;
}

/** The two largest units of a duration: `7 ms`, `1.2 s`, `3 min 5 s`, `2 d 4 h`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How old the oldest of many is, given in whole seconds; undefined when there is none. */
export function oldestAge(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  return seconds === 0 ? '< 1 s' : duration(seconds * 1000);
}

/** At most so many characters, then an ellipsis. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${[...text.slice(0, 2 * most)].slice(0, most).join('')}…`;
}

/** `1 retry`, `2 retries`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** A generated name with what makes it unique, its stack before and a hash after, stepping back. */
export function resourceName(name: string, stacks: readonly string[]): Html {
  const stack = stacks.find((candidate) => name.startsWith(`${candidate}-`));
  const start = stack === undefined ? 0 : stack.length + 1;
  const end = /.[0-9A-F]{8}$/.test(name.slice(start)) ? name.length - 8 : name.length;
  return html`<span class="aside">${name.slice(0, start)}</span>${name.slice(start, end)}<span class="aside">${name.slice(end)}</span>`;
}

export const lastPartOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);
