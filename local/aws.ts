/** The account and region that every local resource pretends to live in. */
export const REGION = 'us-east-1';
export const ACCOUNT_ID = '000000000000';

export const arnOf = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT_ID}:${resource}`;

/** An error that a real service would answer; the endpoint turns it into that service's error response. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
    this.name = code;
  }
}

/** A service that speaks AWS JSON (1.0 or 1.1): the endpoint hands over the operation and the parsed body. */
export interface AwsJsonService {
  call(operation: string, input: Record<string, unknown>): unknown;
}

/** One resource of a synthesized template with its intrinsic functions already evaluated. */
export interface ResourceDefinition {
  readonly type: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** Stable across restarts, so that a service finds its earlier state again. At most 64 characters. */
  readonly physicalName: string;
  readonly properties: Record<string, unknown>;
}

/** What `Ref` and `Fn::GetAtt` answer for a resource. */
export interface ProvisionedResource {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Creates what a template resource describes, or finds it again after a restart. Must be idempotent. */
export type Provisioner = (
  resource: ResourceDefinition,
) => ProvisionedResource | Promise<ProvisionedResource>;

/** Provisioners by CloudFormation type, as each local service exports them. */
export type Provisioners = Readonly<Record<string, Provisioner>>;

/** Where local services tell what they do: the terminal, a log file and the operations page read it. */
export type Log = (source: string, message: string, details?: Record<string, unknown>) => void;
