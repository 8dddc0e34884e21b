import { type TableFacts, tables } from '../../lambdas/contract/tables';
import { stageNamed } from '../../lib/stage';
import { type SynthesizedStage, synthesizeStage } from '../support/synthesized-stage';

let prod: SynthesizedStage;
let dev: SynthesizedStage;
beforeAll(() => {
  prod = synthesizeStage(stageNamed('prod'));
  dev = synthesizeStage(stageNamed('dev'));
}, 120_000);

/** Everything whose loss could not be made good by another deployment. */
const STATEFUL = [
  'AWS::KMS::Key',
  'AWS::DynamoDB::Table',
  'AWS::S3::Bucket',
  'AWS::Cognito::UserPool',
  'AWS::SecretsManager::Secret',
];

test('what holds data outlives its stack, on every stage', () => {
  for (const stage of [dev, prod]) {
    const stateful = stage.all(...STATEFUL);
    expect(stateful.length).toBeGreaterThan(10);
    for (const { resource } of stateful) {
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  }
});

test('what holds data stands in the data stack, which runs no code', () => {
  expect(new Set(dev.all(...STATEFUL).map(({ stack }) => stack))).toEqual(new Set(['data']));
  expect(dev.all('AWS::Lambda::Function').filter(({ stack }) => stack === 'data')).toEqual([]);
});

test('in production neither the data stack nor a table nor the accounts can be deleted by accident', () => {
  expect(prod.protectedStacks).toEqual(['vouchsafe-prod-data']);
  for (const table of prod.all('AWS::DynamoDB::Table')) {
    expect(table.resource.Properties.DeletionProtectionEnabled).toBe(true);
  }
  expect(prod.only('AWS::Cognito::UserPool').resource.Properties.DeletionProtection).toBe('ACTIVE');
});

test('there is a table for each that the contract names, with its keys, its index and its time to live', () => {
  const all = prod.all('AWS::DynamoDB::Table');
  expect(all).toHaveLength(Object.keys(tables).length);
  for (const [name, facts] of Object.entries<TableFacts>(tables)) {
    const table = all.find(({ resource }) => resource.Metadata['aws:cdk:path'].includes(`/${name}-table/`));
    const { partitionKey, sortKey, timeToLive, index } = facts;
    const key = (hash: string, range?: string) => [
      { AttributeName: hash, KeyType: 'HASH' },
      ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
    ];
    expect(table?.resource.Properties).toMatchObject({
      KeySchema: key(partitionKey, sortKey),
      BillingMode: 'PAY_PER_REQUEST',
      ...(timeToLive && { TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true } }),
      ...(index && {
        GlobalSecondaryIndexes: [
          { IndexName: index.name, KeySchema: key(index.partitionKey, index.sortKey) },
        ],
      }),
    });
  }
});

test('the index of due orders holds keys alone: the sweeper reads the order itself', () => {
  const indexes = prod
    .all('AWS::DynamoDB::Table')
    .flatMap(({ resource }) => resource.Properties.GlobalSecondaryIndexes ?? []);
  expect(indexes).toEqual([
    expect.objectContaining({ IndexName: 'due', Projection: { ProjectionType: 'KEYS_ONLY' } }),
  ]);
});

test('every table can be restored to any second', () => {
  for (const { resource } of prod.all('AWS::DynamoDB::Table')) {
    expect(resource.Properties.PointInTimeRecoverySpecification).toEqual({
      PointInTimeRecoveryEnabled: true,
    });
  }
});

test('every table, queue, file and secret is encrypted under the storage key', () => {
  const keyOf = dev.all(
    'AWS::DynamoDB::Table',
    'AWS::SQS::Queue',
    'AWS::S3::Bucket',
    'AWS::SecretsManager::Secret',
  );
  expect(keyOf.length).toBeGreaterThan(10);
  for (const { stack, resource } of keyOf) {
    const { SSESpecification, KmsMasterKeyId, BucketEncryption, KmsKeyId } = resource.Properties as {
      SSESpecification?: { KMSMasterKeyId: unknown };
      KmsMasterKeyId?: unknown;
      BucketEncryption?: {
        ServerSideEncryptionConfiguration: { ServerSideEncryptionByDefault: { KMSMasterKeyID: unknown } }[];
      };
      KmsKeyId?: unknown;
    };
    const [files] = BucketEncryption?.ServerSideEncryptionConfiguration ?? [];
    const key =
      SSESpecification?.KMSMasterKeyId ??
      KmsMasterKeyId ??
      files?.ServerSideEncryptionByDefault.KMSMasterKeyID ??
      KmsKeyId;
    expect([resource.Type, dev.resolve(stack, key)]).toEqual([resource.Type, 'StorageKey']);
  }
});

test('keys that encrypt are rotated; the key that derives is an HMAC key', () => {
  const keys = new Map(
    prod
      .all('AWS::KMS::Key')
      .map(({ stack, id, resource }) => [prod.resolve(stack, { Ref: id }), resource.Properties]),
  );
  expect([...keys.keys()].sort()).toEqual(['CardKeysKey', 'MacKey', 'StorageKey']);
  expect(keys.get('StorageKey')).toMatchObject({ EnableKeyRotation: true });
  expect(keys.get('CardKeysKey')).toMatchObject({ EnableKeyRotation: true });
  expect(keys.get('MacKey')).toMatchObject({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
});

test('files are never public, and travel encrypted', () => {
  expect(prod.only('AWS::S3::Bucket').resource.Properties.PublicAccessBlockConfiguration).toEqual({
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  });
  expect(statementsIn(prod.only('AWS::S3::BucketPolicy').resource.Properties)).toEqual([
    expect.objectContaining({ Effect: 'Deny', Action: 's3:*', ...WITHOUT_TLS }),
  ]);
});

test('messages travel encrypted', () => {
  const policies = prod.all('AWS::SQS::QueuePolicy');
  expect(policies).toHaveLength(prod.all('AWS::SQS::Queue').length);
  for (const { resource } of policies) {
    expect(statementsIn(resource.Properties)).toEqual([
      expect.objectContaining({ Effect: 'Deny', Action: 'sqs:*', ...WITHOUT_TLS }),
    ]);
  }
});

test('uploads, which hold keys in plain text, are gone after a day', () => {
  const { LifecycleConfiguration } = prod.only('AWS::S3::Bucket').resource.Properties;
  expect(LifecycleConfiguration).toEqual({
    Rules: [
      { Prefix: 'uploads/', ExpirationInDays: 1, Status: 'Enabled' },
      { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' },
    ],
  });
});

test('nobody signs up as staff, and a member stays with the merchant of the invitation', () => {
  expect(prod.only('AWS::Cognito::UserPool').resource.Properties).toMatchObject({
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    Schema: [{ Name: 'merchantId', AttributeDataType: 'String', Mutable: false }],
  });
  expect(prod.only('AWS::Cognito::UserPoolClient').resource.Properties.WriteAttributes).toEqual(['name']);
});

test('a token of staff lasts a quarter of an hour, a sign-in half a day', () => {
  expect(prod.only('AWS::Cognito::UserPoolClient').resource.Properties).toMatchObject({
    IdTokenValidity: 15,
    AccessTokenValidity: 15,
    RefreshTokenValidity: 12 * 60,
    TokenValidityUnits: { IdToken: 'minutes', AccessToken: 'minutes', RefreshToken: 'minutes' },
  });
});

test('in production a password never leaves the browser, and no answer tells who has an account', () => {
  expect(prod.only('AWS::Cognito::UserPoolClient').resource.Properties).toMatchObject({
    ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    PreventUserExistenceErrors: 'ENABLED',
  });
});

const WITHOUT_TLS = { Condition: { Bool: { 'aws:SecureTransport': 'false' } }, Principal: { AWS: '*' } };

const statementsIn = (properties: Record<string, unknown>) =>
  (properties.PolicyDocument as { Statement: unknown[] }).Statement;
