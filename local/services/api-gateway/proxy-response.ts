import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod';
import type { HttpAnswer } from './http-message';

const headerValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const schema = z.strictObject({
  statusCode: z.coerce.number().int().min(200).max(599).default(200),
  headers: z.record(z.string(), headerValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Headers that only the gateway may set; AWS passes them on under another name. */
const REMAPPED = new Set([
  'authorization',
  'connection',
  'content-length',
  'date',
  'server',
  'www-authenticate',
]);
const DROPPED = new Set(['keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/**
 * The HTTP answer that a function's result describes. Throws when it is not one, which callers see as 502.
 * `sendsBinary` decides by the result's content type whether base64 is decoded; else it is sent as it is.
 */
export function proxyAnswer(result: unknown, sendsBinary: (contentType: string) => boolean): HttpAnswer {
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = schema.parse(result);
  const merged = new Map<string, string[]>([['content-type', ['application/json']]]);
  const set = (name: string, values: readonly string[], add: boolean) => {
    const lower = outgoingName(name);
    if (lower === undefined) return;
    validateHeaderName(lower);
    for (const value of values) validateHeaderValue(lower, value);
    merged.set(lower, [...new Set([...(add ? (merged.get(lower) ?? []) : []), ...values])]);
  };
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) set(name, values, false);
  const repeated = new Set(Object.keys(multiValueHeaders ?? {}).map((name) => name.toLowerCase()));
  for (const [name, value] of Object.entries(headers ?? {})) {
    set(name, [value], repeated.has(name.toLowerCase()));
  }
  const decoded = isBase64Encoded && sendsBinary(merged.get('content-type')?.[0] ?? '');
  return {
    status: statusCode,
    headers: Object.fromEntries(merged),
    body: decoded ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}

function outgoingName(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (DROPPED.has(lower)) return undefined;
  return REMAPPED.has(lower) ? `x-amzn-remapped-${lower}` : lower;
}
