import type * as z from 'zod';
import { type GatewayRequest, headerOf } from './http-message';
import type { authorizerProperties } from './template-properties';

/** Answers the claims of a valid, unexpired id token of this pool, or undefined. */
export type VerifyIdToken = (
  poolId: string,
  token: string,
) => Record<string, unknown> | undefined | Promise<Record<string, unknown> | undefined>;

export interface CognitoAuthorizer {
  readonly header: string;
  readonly poolIds: readonly string[];
}

/** Reads an AWS::ApiGateway::Authorizer. */
export function cognitoAuthorizer(properties: z.output<typeof authorizerProperties>): CognitoAuthorizer {
  return {
    header: properties.IdentitySource.replace('method.request.header.', ''),
    poolIds: properties.ProviderARNs.map((arn) => arn.replace(/^.*userpool\//, '')),
  };
}

/** The claims as functions see them, all of them text; undefined when no pool knows the token. */
export async function authorizedClaims(
  authorizer: CognitoAuthorizer,
  request: GatewayRequest,
  verify: VerifyIdToken,
): Promise<Record<string, string> | undefined> {
  const token = headerOf(request, authorizer.header)?.replace(/^Bearer\s+/i, '');
  if (!token) return undefined;
  for (const poolId of authorizer.poolIds) {
    const claims = await verify(poolId, token);
    if (claims === undefined) continue;
    return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, claimText(name, value)]));
  }
  return undefined;
}

/** Lists are joined by commas; the times of issue and expiry are dates as Java prints them, other times numbers. */
function claimText(name: string, value: unknown): string {
  if (typeof value === 'number' && (name === 'exp' || name === 'iat')) {
    const [weekday, day, month, year, time] = new Date(value * 1000).toUTCString().split(/,? /);
    return `${weekday} ${month} ${day} ${time} UTC ${year}`;
  }
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
