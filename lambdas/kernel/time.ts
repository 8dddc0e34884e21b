/** A moment in UTC as ISO 8601 with milliseconds (`2026-01-31T08:00:00.000Z`): sorts as text. */
export type Instant = string;

/** Later than any moment the product handles: what "never expires" is stored as, so that it compares as text. */
export const NEVER: Instant = '9999-12-31T23:59:59.999Z';

export type Clock = () => Date;

export const toInstant = (date: Date): Instant => date.toISOString();

export const plusSeconds = (instant: Instant, seconds: number): Instant =>
  new Date(Date.parse(instant) + seconds * 1000).toISOString();

export const secondsBetween = (from: Instant, to: Instant): number =>
  (Date.parse(to) - Date.parse(from)) / 1000;

/** Whole seconds since 1970, as DynamoDB's time to live wants them. */
export const epochSeconds = (instant: Instant): number => Math.floor(Date.parse(instant) / 1000);
