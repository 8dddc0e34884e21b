import { createHash } from 'node:crypto';
import {
  AwsError,
  arnOf,
  type ProvisionedResource,
  type Provisioners,
  REGION,
  type ResourceDefinition,
} from '../../aws';
import { parseProperties } from '../resource-properties';
import {
  type UserPoolClientProperties,
  type UserPoolProperties,
  userPoolClientProperties,
  userPoolGroupProperties,
  userPoolProperties,
} from './template-properties';

const POOL_ID_SUFFIX_LENGTH = 9;
const CLIENT_ID_LENGTH = 26;
const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };
type Unit = keyof typeof SECONDS;
const FIVE_MINUTES = 300;
const TEN_YEARS = 3650 * SECONDS.days;

export interface UserPoolGroup {
  readonly name: string;
  readonly description: string | undefined;
  readonly precedence: number | undefined;
}

export interface UserPool {
  readonly id: string;
  readonly name: string;
  readonly properties: UserPoolProperties;
  readonly clients: Map<string, UserPoolClient>;
  readonly groups: Map<string, UserPoolGroup>;
}

export interface UserPoolClient {
  readonly id: string;
  readonly name: string;
  readonly properties: UserPoolClientProperties;
  /** Seconds. */
  readonly validity: { readonly id: number; readonly access: number; readonly refresh: number };
}

export const signsInByEmail = (pool: UserPool): boolean => pool.properties.UsernameAttributes.length > 0;

/** Pools, clients and groups as the templates describe them, which happens anew at every start. */
export class UserPools {
  readonly provisioners: Provisioners = {
    'AWS::Cognito::UserPool': (resource) => this.#provisionPool(resource),
    'AWS::Cognito::UserPoolClient': (resource) => this.#provisionClient(resource),
    'AWS::Cognito::UserPoolGroup': (resource) => this.#provisionGroup(resource),
  };
  readonly #pools = new Map<string, UserPool>();
  readonly #issuerOf: (poolId: string) => string;
  readonly #prepare: (poolId: string) => Promise<void>;

  /** @param prepare makes what a pool needs before it is used. */
  constructor(issuerOf: (poolId: string) => string, prepare: (poolId: string) => Promise<void>) {
    this.#issuerOf = issuerOf;
    this.#prepare = prepare;
  }

  all(): UserPool[] {
    return [...this.#pools.values()];
  }

  find(poolId: string): UserPool | undefined {
    return this.#pools.get(poolId);
  }

  get(poolId: string): UserPool {
    const pool = this.#pools.get(poolId);
    if (pool === undefined) throw notFound(`User pool ${poolId} does not exist.`);
    return pool;
  }

  ofClient(clientId: string): { pool: UserPool; client: UserPoolClient } {
    for (const pool of this.#pools.values()) {
      const client = pool.clients.get(clientId);
      if (client !== undefined) return { pool, client };
    }
    throw notFound(`User pool client ${clientId} does not exist.`);
  }

  async #provisionPool(resource: ResourceDefinition): Promise<ProvisionedResource> {
    const properties = parseProperties(resource, userPoolProperties);
    if (properties.MfaConfiguration !== 'OFF' && properties.EnabledMfas.length === 0) {
      throw new Error(`${resource.type} ${resource.logicalId} asks for MFA but enables no factor`);
    }
    const id = `${REGION}_${derivedId(`pool:${resource.physicalName}`, POOL_ID_SUFFIX_LENGTH, LETTERS_AND_DIGITS)}`;
    await this.#prepare(id);
    const name = properties.UserPoolName ?? resource.physicalName;
    const { clients = new Map(), groups = new Map() } = this.#pools.get(id) ?? {};
    this.#pools.set(id, { id, name, properties, clients, groups });
    const issuer = this.#issuerOf(id);
    return {
      ref: id,
      attributes: {
        Arn: arnOf('cognito-idp', `userpool/${id}`),
        ProviderName: issuer.replace(/^https?:\/\//, ''),
        ProviderURL: issuer,
        UserPoolId: id,
      },
    };
  }

  #provisionClient(resource: ResourceDefinition): ProvisionedResource {
    const properties = parseProperties(resource, userPoolClientProperties);
    const id = derivedId(`client:${resource.physicalName}`, CLIENT_ID_LENGTH, LOWER_CASE_AND_DIGITS);
    const name = properties.ClientName ?? resource.physicalName;
    const validity = validityOf(resource, properties);
    this.get(properties.UserPoolId).clients.set(id, { id, name, properties, validity });
    return { ref: id, attributes: { ClientId: id, Name: name } };
  }

  #provisionGroup(resource: ResourceDefinition): ProvisionedResource {
    const { UserPoolId, GroupName, Description, Precedence } = parseProperties(
      resource,
      userPoolGroupProperties,
    );
    const name = GroupName ?? resource.physicalName;
    this.get(UserPoolId).groups.set(name, { name, description: Description, precedence: Precedence });
    return { ref: name };
  }
}

function validityOf(resource: ResourceDefinition, properties: UserPoolClientProperties) {
  const { IdTokenValidity, AccessTokenValidity, RefreshTokenValidity, TokenValidityUnits } = properties;
  const validity = {
    id: seconds(IdTokenValidity, TokenValidityUnits?.IdToken, 'hours') ?? SECONDS.hours,
    access: seconds(AccessTokenValidity, TokenValidityUnits?.AccessToken, 'hours') ?? SECONDS.hours,
    refresh: seconds(RefreshTokenValidity, TokenValidityUnits?.RefreshToken, 'days') ?? 30 * SECONDS.days,
  };
  const short = [validity.id, validity.access];
  if (
    short.some((length) => length < FIVE_MINUTES || length > SECONDS.days || length > validity.refresh) ||
    validity.refresh < SECONDS.hours ||
    validity.refresh > TEN_YEARS
  ) {
    throw new Error(
      `${resource.type} ${resource.logicalId}: ID and access tokens last 5 minutes to 1 day, refresh tokens 1 hour to 10 years and no less than the others`,
    );
  }
  return validity;
}

const seconds = (count: number | undefined, unit: Unit | undefined, usual: Unit): number | undefined =>
  count === undefined ? undefined : count * SECONDS[unit ?? usual];

const LOWER_CASE_AND_DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const LETTERS_AND_DIGITS = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${LOWER_CASE_AND_DIGITS}`;

/** The same name gives the same id, so that a restart finds users and clients again. */
function derivedId(name: string, length: number, alphabet: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, length);
  return [...bytes].map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
}

const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);
