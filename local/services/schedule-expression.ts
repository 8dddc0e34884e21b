import { Cron } from 'croner';

/** When a schedule is due. Times are milliseconds since 1970; undefined means never again. */
export interface Recurrence {
  /** The first run of a schedule that is created now. */
  first(now: number): number | undefined;
  /** The next run, in the future, after one that was due at `scheduled`. Runs missed between the two are left out. */
  following(scheduled: number, now: number): number | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads an EventBridge Scheduler expression: `rate(5 minutes)`, `cron(0 8 ? * MON-FRI *)` or
 * `at(2030-01-31T08:00:00)`, the latter two in the IANA time zone. Throws an Error that quotes what is not valid.
 */
export function parseScheduleExpression(expression: string, timezone: string): Recurrence {
  const [, kind, body = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  try {
    // Refuses an unknown time zone now, not at the first run.
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    if (kind === 'rate') return rate(body);
    if (kind === 'cron') return cron(body, timezone);
    if (kind === 'at') return at(body, timezone);
  } catch (error) {
    throw new Error(
      `the schedule "${expression}" in ${timezone}: ${error instanceof Error ? error.message : error}`,
    );
  }
  throw new Error(`"${expression}" is neither rate(), cron() nor at()`);
}

function rate(body: string): Recurrence {
  const [, value, unit = ''] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(body) ?? [];
  const period = Number(value) * (UNIT_MS[unit] ?? Number.NaN);
  if (Number.isNaN(period)) throw new Error('expected a positive number and minutes, hours or days');
  return {
    // Without a StartDate, AWS runs a rate schedule at once.
    first: (now) => now,
    following: (scheduled, now) =>
      scheduled + period * Math.max(1, Math.floor((now - scheduled) / period) + 1),
  };
}

function cron(body: string, timezone: string): Recurrence {
  const schedule = new Cron(cronerPattern(body), { mode: '7-part', alternativeWeekdays: true, timezone });
  const next = (now: number): number | undefined => {
    let run = schedule.nextRun(new Date(now));
    // Croner moves a time that daylight saving skips to the hour after; AWS leaves that run out.
    while (run !== null && !schedule.match(run)) run = schedule.nextRun(run);
    return run?.getTime();
  };
  return { first: next, following: (_, now) => next(now) };
}

/** Croner's seven fields for the six of EventBridge, which has `?`, `5/10`, `6L` and no seconds. */
function cronerPattern(body: string): string {
  const fields = body.trim().split(/\s+/);
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6) throw new Error('expected six fields: minutes, hours, day, month, weekday, year');
  if ((dayOfMonth === '?') === (dayOfWeek === '?'))
    throw new Error('exactly one of day and weekday must be "?"');
  const foreign = fields.find((field) => !/^[\dA-Z*?,/#-]+$/i.test(field) || /LW/i.test(field));
  if (foreign !== undefined) throw new Error(`"${foreign}" is not emulated locally`);
  return [
    '0',
    stepped(minutes, 59),
    stepped(hours, 23),
    dayOfMonth === '?' ? '*' : stepped(dayOfMonth, 31),
    stepped(month, 12),
    dayOfWeek === '?' ? '*' : weekdays(dayOfWeek),
    stepped(year, 2199),
  ].join(' ');
}

/** `5/10` counts from 5 to the field's end. */
const stepped = (field: string, last: number): string => field.replace(/\b(?<!-)(\d+)\//g, `$1-${last}/`);

/** `L` alone is Saturday, the week's last day; `6L` is the month's last Friday. */
const weekdays = (field: string): string =>
  stepped(field, 7)
    .replace(/^L$/i, '7')
    .replace(/\b([1-7]|[A-Z]{3})L\b/gi, '$1#L');

function at(body: string, timezone: string): Recurrence {
  const exists =
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(body) && isoSeconds(Date.parse(`${body}Z`)) === `${body}Z`;
  if (!exists) throw new Error('expected a date and time such as 2030-01-31T08:00:00');
  const time = new Cron(body, { timezone }).getOnce()?.getTime();
  return {
    first: (now) => (time !== undefined && time >= now ? time : undefined),
    following: () => undefined,
  };
}

/** A time to the second, as EventBridge writes it. */
export function isoSeconds(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) return '';
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
