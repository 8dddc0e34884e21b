import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import { withoutEffect } from '../resource-properties';
import type { Expiration } from './object-store';

const DAY_MS = 86_400_000;

const corsRule = z.strictObject({
  Id: withoutEffect,
  AllowedHeaders: z.array(z.string()).default([]),
  AllowedMethods: z.array(z.string()),
  AllowedOrigins: z.array(z.string()),
  ExposedHeaders: z.array(z.string()).default([]),
  MaxAge: z.coerce.number().default(0),
});

export type CorsRule = z.infer<typeof corsRule>;

const lifecycleRule = z.strictObject({
  Id: withoutEffect,
  Status: z.enum(['Enabled', 'Disabled']),
  Prefix: z.string().default(''),
  ExpirationInDays: z.coerce.number().optional(),
  // Here are neither multipart uploads nor old versions.
  AbortIncompleteMultipartUpload: withoutEffect,
  NoncurrentVersionExpiration: withoutEffect,
});

/** Strict, so that a property which changes what a program sees is refused by its name. */
export const bucketProperties = z.strictObject({
  BucketName: z.string().optional(),
  CorsConfiguration: z.strictObject({ CorsRules: z.array(corsRule) }).optional(),
  LifecycleConfiguration: z
    .strictObject({ Rules: z.array(lifecycleRule), TransitionDefaultMinimumObjectSize: withoutEffect })
    .optional(),
  BucketEncryption: withoutEffect,
  LoggingConfiguration: withoutEffect,
  OwnershipControls: withoutEffect,
  PublicAccessBlockConfiguration: withoutEffect,
  Tags: withoutEffect,
  // Requests that name a version are refused, so only the newest one is ever seen.
  VersioningConfiguration: withoutEffect,
});

export type BucketProperties = z.infer<typeof bucketProperties>;

export const expirationsOf = ({ LifecycleConfiguration: lifecycle }: BucketProperties): Expiration[] =>
  (lifecycle?.Rules ?? []).flatMap((rule) =>
    rule.Status === 'Enabled' && rule.ExpirationInDays !== undefined
      ? [{ prefix: rule.Prefix, afterMs: rule.ExpirationInDays * DAY_MS }]
      : [],
  );

/** S3 takes lower case, digits, dots and hyphens, 63 at most. */
export const bucketNameOf = (physicalName: string): string =>
  physicalName
    .toLowerCase()
    .replace(/[^a-z\d.-]/g, '-')
    .slice(0, 63);

/**
 * The headers that let a page of another origin read the answer; empty when no rule allows it.
 * @param method of the request itself, or the one that a preflight asks for
 */
export function corsHeaders(
  rules: readonly CorsRule[],
  method: string,
  headers: IncomingHttpHeaders,
): Record<string, string> {
  const { origin } = headers;
  if (origin === undefined) return {};
  const asked = (headers['access-control-request-headers'] ?? '').split(',').map((name) => name.trim());
  for (const rule of rules) {
    const allowed = rule.AllowedOrigins.find((pattern) => matches(pattern, origin));
    const headersAllowed = asked.every(
      (name) => name === '' || rule.AllowedHeaders.some((pattern) => matches(pattern, name)),
    );
    if (allowed === undefined || !rule.AllowedMethods.includes(method) || !headersAllowed) continue;
    return {
      'access-control-allow-origin': allowed === '*' ? '*' : origin,
      'access-control-allow-methods': rule.AllowedMethods.join(', '),
      'access-control-allow-headers': asked.join(', '),
      'access-control-expose-headers': rule.ExposedHeaders.join(', '),
      'access-control-max-age': String(rule.MaxAge),
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    };
  }
  return {};
}

/** One `*` stands for any characters. */
function matches(pattern: string, value: string): boolean {
  const [before = '', after] = pattern.toLowerCase().split('*');
  const text = value.toLowerCase();
  if (after === undefined) return text === before;
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}
