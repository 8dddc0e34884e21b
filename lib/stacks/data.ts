import { CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, HttpMethods } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { importFolders } from '../../lambdas/contract/imports';
import { type TableName, tables } from '../../lambdas/contract/tables';
import { ServiceTable } from '../constructs/service-table';
import { StaffPool } from '../constructs/staff-pool';
import type { Stage } from '../stage';

/** Everything that must outlive a deployment: tables, keys, files, accounts. Runs no code. */
export class DataStack extends Stack {
  /** Encrypts tables, queues and files. */
  readonly storageKey: Key;
  /** Wraps the data keys of card keys, and nothing else. */
  readonly cardKeysKey: Key;
  /** Derives the keys of fingerprints, order ids and tokens. */
  readonly macKey: Key;
  readonly tables: Readonly<Record<TableName, ServiceTable>>;
  readonly files: Bucket;
  readonly staffPool: StaffPool;
  /** Shared with the sandbox gateway, on stages that have it. */
  readonly sandboxGatewaySecret: Secret | undefined;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id, { terminationProtection: stage.isProduction });
    const { removalPolicy } = stage;

    this.storageKey = new Key(this, 'StorageKey', {
      description: 'Encrypts Vouchsafe’s tables, queues and files',
      enableKeyRotation: true,
      removalPolicy,
    });
    this.cardKeysKey = new Key(this, 'CardKeysKey', {
      description: 'Wraps the data keys of Vouchsafe’s card keys',
      enableKeyRotation: true,
      removalPolicy,
    });
    this.macKey = new Key(this, 'MacKey', {
      description: 'Derives Vouchsafe’s keys of fingerprints, order ids and tokens',
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      removalPolicy,
    });

    const table = (name: TableName) =>
      new ServiceTable(this, `${name}-table`, { stage, name, encryptionKey: this.storageKey });
    this.tables = Object.fromEntries(
      Object.keys(tables).map((name) => [name, table(name as TableName)]),
    ) as Record<TableName, ServiceTable>;

    this.files = new Bucket(this, 'Files', {
      encryption: BucketEncryption.KMS,
      encryptionKey: this.storageKey,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy,
      // Uploads hold keys in plain text: they go when their import ends, and after a day in any case.
      lifecycleRules: [
        { prefix: `${importFolders.uploads}/`, expiration: Duration.days(1) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      // The console uploads from the merchant's browser; the presigned policy is what admits.
      cors: [{ allowedMethods: [HttpMethods.POST], allowedOrigins: ['*'], maxAge: 3600 }],
    });
    Validations.of(this.files).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Objects are reached by presigned requests alone, which the console API logs.',
    });

    this.staffPool = new StaffPool(this, 'Staff', { stage });
    new CfnOutput(this, 'StaffPoolId', { value: this.staffPool.userPool.userPoolId });
    new CfnOutput(this, 'StaffPoolClientId', { value: this.staffPool.client.userPoolClientId });

    if (stage.gateways.includes('sandbox')) {
      this.sandboxGatewaySecret = new Secret(this, 'SandboxGatewaySecret', {
        description: 'Signs the sandbox gateway’s links and callbacks',
        encryptionKey: this.storageKey,
        generateSecretString: { passwordLength: 48, excludePunctuation: true },
        removalPolicy,
      });
      Validations.of(this.sandboxGatewaySecret).acknowledge({
        id: 'AwsSolutions-SMG4',
        reason: 'It guards no real money, and the sandbox gateway could not follow a rotation.',
      });
      new CfnOutput(this, 'SandboxGatewaySecretArn', { value: this.sandboxGatewaySecret.secretArn });
    }
  }
}
