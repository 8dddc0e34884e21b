import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import {
  AwsError,
  arnOf,
  type ProvisionedResource,
  type Provisioners,
  type ResourceDefinition,
} from '../aws';
import { DurableMap } from '../state/durable-map';
import { flag, integer, parseProperties, withoutEffect } from './resource-properties';

const KEY_BYTES = 32;
const DEFAULT_ROTATION_DAYS = 365;

const keyProperties = z
  .strictObject({
    Description: z.string().default(''),
    Enabled: flag.default(true),
    EnableKeyRotation: flag.default(false),
    RotationPeriodInDays: integer.min(90).max(2560).optional(),
    KeyPolicy: withoutEffect,
    KeySpec: z.enum(['SYMMETRIC_DEFAULT', 'HMAC_256']).default('SYMMETRIC_DEFAULT'),
    KeyUsage: z.enum(['ENCRYPT_DECRYPT', 'GENERATE_VERIFY_MAC']).default('ENCRYPT_DECRYPT'),
    MultiRegion: flag.pipe(z.literal(false)).optional(),
    PendingWindowInDays: withoutEffect,
    Tags: withoutEffect,
  })
  .refine(
    ({ KeySpec, KeyUsage }) => (KeySpec === 'HMAC_256') === (KeyUsage === 'GENERATE_VERIFY_MAC'),
    'KeyUsage GENERATE_VERIFY_MAC belongs to KeySpec HMAC_256, ENCRYPT_DECRYPT to SYMMETRIC_DEFAULT',
  )
  .refine(
    ({ KeySpec, EnableKeyRotation }) => !(EnableKeyRotation && KeySpec === 'HMAC_256'),
    'HMAC keys cannot be rotated',
  );

const aliasProperties = z.strictObject({
  AliasName: z.string().regex(/^alias\/(?!aws\/)[\w/-]+$/),
  TargetKeyId: z.string(),
});

export type KeySpec = z.output<typeof keyProperties>['KeySpec'];
export type KeyUsage = z.output<typeof keyProperties>['KeyUsage'];

export interface KmsKey {
  readonly id: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  /** 32 bytes in base64. */
  readonly material: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Absent when the key is not rotated. */
  readonly rotationPeriodInDays?: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export const keyArn = (key: KmsKey): string => arnOf('kms', `key/${key.id}`);

/** The master keys and their aliases, as the templates describe them. */
export class KmsKeys {
  readonly provisioners: Provisioners = {
    'AWS::KMS::Key': (resource) => this.#provisionKey(resource),
    'AWS::KMS::Alias': (resource) => this.#provisionAlias(resource),
  };
  readonly #keys: DurableMap<KmsKey>;
  /** Alias name -> key id. The templates name them again at every start. */
  readonly #aliases = new Map<string, string>();
  readonly #now: () => number;

  constructor(stateFile: string | undefined, now: () => number) {
    this.#keys = new DurableMap(stateFile);
    this.#now = now;
  }

  all(): KmsKey[] {
    return [...this.#keys.values()];
  }

  /** By key id, key ARN, alias name or alias ARN. */
  find(reference: string): KmsKey {
    const name = reference.replace(/^arn:aws:kms:[^:]*:[^:]*:(key\/)?/, '');
    const key = this.#keys.get(name.startsWith('alias/') ? (this.#aliases.get(name) ?? '') : name);
    if (key === undefined) throw new AwsError('NotFoundException', `Key '${reference}' does not exist`);
    return key;
  }

  findUsable(reference: string, usage: KeyUsage): KmsKey {
    const key = this.find(reference);
    if (!key.enabled) throw new AwsError('DisabledException', `${keyArn(key)} is disabled.`);
    if (key.usage !== usage) {
      throw new AwsError(
        'InvalidKeyUsageException',
        `${keyArn(key)} key usage is ${key.usage} which is not valid for this operation.`,
      );
    }
    return key;
  }

  close(): void {
    this.#keys.close();
  }

  #provisionKey(resource: ResourceDefinition): ProvisionedResource {
    const properties = parseProperties(resource, keyProperties);
    const id = keyIdOf(resource.physicalName);
    const earlier = this.#keys.get(id);
    if (earlier !== undefined && earlier.spec !== properties.KeySpec) {
      throw new Error(
        `${resource.type} ${resource.logicalId} was ${earlier.spec} and cannot become ${properties.KeySpec}: start with fresh state`,
      );
    }
    const key: KmsKey = {
      id,
      spec: properties.KeySpec,
      usage: properties.KeyUsage,
      material: earlier?.material ?? randomBytes(KEY_BYTES).toString('base64'),
      description: properties.Description,
      enabled: properties.Enabled,
      rotationPeriodInDays: properties.EnableKeyRotation
        ? (properties.RotationPeriodInDays ?? DEFAULT_ROTATION_DAYS)
        : undefined,
      createdAt: earlier?.createdAt ?? this.#now(),
    };
    this.#keys.set(id, key);
    return { ref: id, attributes: { Arn: keyArn(key), KeyId: id } };
  }

  #provisionAlias(resource: ResourceDefinition): ProvisionedResource {
    const { AliasName, TargetKeyId } = parseProperties(resource, aliasProperties);
    this.#aliases.set(AliasName, this.find(TargetKeyId).id);
    return { ref: AliasName };
  }
}

/** Derived from the resource, so that the same resource finds its key again. */
function keyIdOf(physicalName: string): string {
  const hex = createHash('sha256').update(`kms-key:${physicalName}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
