import * as z from 'zod';
import type { Operations } from '../aws-json-operations';
import { pageOf } from '../paging';
import { type CognitoContext, invalidParameter, operation } from './context';
import { type User, userAttributes, userSummary } from './user-store';

const FILTER = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/;
const FILTERABLE = [
  'username',
  'email',
  'phone_number',
  'name',
  'given_name',
  'family_name',
  'preferred_username',
  'cognito:user_status',
  'status',
  'sub',
];

/** Pools, their clients and their users, to look at. */
export function poolOperations({ pools, users }: CognitoContext): Operations {
  return {
    ListUserPools: operation(
      z.strictObject({ MaxResults: z.int().min(1).max(60), NextToken: z.string().optional() }),
      ({ MaxResults, NextToken }) => {
        const { page, next } = pageOf(pools.all(), MaxResults, NextToken);
        return { UserPools: page.map(({ id, name }) => ({ Id: id, Name: name })), NextToken: next };
      },
    ),
    DescribeUserPoolClient: operation(
      z.strictObject({ UserPoolId: z.string(), ClientId: z.string() }),
      ({ UserPoolId, ClientId }) => {
        const { pool, client } = pools.ofClient(ClientId);
        if (pool !== pools.get(UserPoolId)) {
          throw invalidParameter(`User pool client ${ClientId} does not belong to ${UserPoolId}.`);
        }
        return { UserPoolClient: { ...client.properties, ClientId: client.id, ClientName: client.name } };
      },
    ),
    ListUsers: operation(
      z.strictObject({
        UserPoolId: z.string(),
        Filter: z.string().optional(),
        AttributesToGet: z.array(z.string()).optional(),
        Limit: z.int().min(0).max(60).optional(),
        PaginationToken: z.string().optional(),
      }),
      ({ UserPoolId, Filter, AttributesToGet, Limit, PaginationToken }) => {
        const matching = users.inPool(pools.get(UserPoolId)).filter(filterOf(Filter));
        const { page, next } = pageOf(matching, Limit || 60, PaginationToken);
        return {
          Users: page.map((user) => ({
            ...userSummary(user),
            Attributes: userAttributes(user).filter(({ Name }) => AttributesToGet?.includes(Name) ?? true),
          })),
          PaginationToken: next,
        };
      },
    ),
  };
}

/** `attribute = "value"` or `attribute ^= "beginning"`; upper and lower case of an e-mail are the same. */
function filterOf(filter = ''): (user: User) => boolean {
  if (filter.trim() === '') return () => true;
  const [, attribute = '', operator, quoted = ''] = FILTER.exec(filter) ?? [];
  if (!FILTERABLE.includes(attribute))
    throw invalidParameter('Error while parsing filter: One or more filter parameters are invalid.');
  const comparable = (text: string) => (attribute === 'email' ? text.toLowerCase() : text);
  const wanted = comparable(quoted.replace(/\\(.)/g, '$1'));
  return (user) => {
    const value = filterable(user, attribute);
    if (value === undefined) return false;
    return operator === '=' ? comparable(value) === wanted : comparable(value).startsWith(wanted);
  };
}

function filterable(user: User, attribute: string): string | undefined {
  switch (attribute) {
    case 'sub':
      return user.sub;
    case 'username':
      return user.username;
    case 'status':
      return user.enabled ? 'Enabled' : 'Disabled';
    case 'cognito:user_status':
      return user.status;
    default:
      return user.attributes[attribute];
  }
}
