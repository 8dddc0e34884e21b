import * as z from 'zod';
import { AwsError } from '../../aws';

const policySchema = z.object({
  expiration: z.iso.datetime({ offset: true }),
  conditions: z.array(
    z.union([
      z.tuple([z.literal('content-length-range'), z.coerce.number(), z.coerce.number()]),
      z.tuple([z.enum(['eq', 'starts-with']), z.string().startsWith('$'), z.string()]),
      z.record(z.string(), z.string()),
    ]),
  ),
});

/** Fields that carry the signature or the content and need no condition. */
const UNCONDITIONED = new Set(['policy', 'x-amz-signature', 'file', 'bucket']);

export interface SizeLimits {
  readonly min: number;
  /** Bytes; Infinity when the policy has no range. */
  readonly max: number;
}

/**
 * Holds a form against the policy that it carries: its expiry, every condition, and that no field stands outside the
 * conditions. The signature is not verified: nothing on one machine is kept from the person who owns it.
 * @returns the range that the file's length must keep
 * @throws AwsError AccessDenied, with the condition that failed
 */
export function checkPostPolicy(
  fields: ReadonlyMap<string, string>,
  bucket: string,
  now: number,
): SizeLimits {
  const encoded = fields.get('policy');
  if (encoded === undefined || !fields.has('x-amz-signature')) throw denied('Access Denied');
  const { expiration, conditions } = parsePolicy(encoded);
  if (Date.parse(expiration) <= now) throw denied('Invalid according to Policy: Policy expired.');

  let limits: SizeLimits = { min: 0, max: Number.POSITIVE_INFINITY };
  const conditioned = new Set<string>();
  const fieldValue = (name: string) => (name === 'bucket' ? bucket : (fields.get(name) ?? ''));
  const requireMatch = (operator: string, field: string, wanted: string) => {
    const name = field.toLowerCase();
    conditioned.add(name);
    const matches = operator === 'eq' ? fieldValue(name) === wanted : fieldValue(name).startsWith(wanted);
    if (matches) return;
    throw denied(
      `Invalid according to Policy: Policy Condition failed: ["${operator}", "$${field}", "${wanted}"]`,
    );
  };
  for (const condition of conditions) {
    if (!Array.isArray(condition)) {
      for (const [field, wanted] of Object.entries(condition)) requireMatch('eq', field, wanted);
    } else if (condition[0] === 'content-length-range') {
      limits = { min: condition[1], max: condition[2] };
    } else {
      requireMatch(condition[0], condition[1].slice(1), condition[2]);
    }
  }
  for (const name of fields.keys()) {
    if (conditioned.has(name) || UNCONDITIONED.has(name) || name.startsWith('x-ignore-')) continue;
    throw denied(`Invalid according to Policy: Extra input fields: ${name}`);
  }
  return limits;
}

function parsePolicy(encoded: string): z.infer<typeof policySchema> {
  try {
    return policySchema.parse(JSON.parse(Buffer.from(encoded, 'base64').toString()));
  } catch {
    throw new AwsError('InvalidPolicyDocument', 'Invalid Policy: it is not understood');
  }
}

const denied = (message: string) => new AwsError('AccessDenied', message, 403);
