import { stageNamed } from '../../lib/stage';
import { type Statement, type SynthesizedStage, synthesizeStage } from '../support/synthesized-stage';

/** Whoever reaches an encrypted resource through its service has the key for it through that service alone. */
const TABLES = { 'StorageKey through dynamodb': ['Decrypt'] };
const SENDING = { 'StorageKey through sqs': ['Decrypt', 'GenerateDataKey'] };
const WORKING = ['DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'];
const FILES = { Files: ['ListBucket'], 'StorageKey through s3': ['Decrypt', 'GenerateDataKey'] };
const SALE_OF_KEYS = {
  guards: ['GetItem', 'PutItem'],
  vault: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
};
const RELEASE_OF_KEYS = {
  guards: ['GetItem', 'PutItem'],
  vault: ['GetItem', 'PutItem', 'UpdateItem'],
};
const SANDBOX = {
  SandboxGatewaySecret: ['GetSecretValue'],
  'StorageKey through secretsmanager': ['Decrypt'],
};

/** All that each function may do beside writing its own log and its trace, as its adapters do it. */
const GRANTS: Record<string, Record<string, string[]>> = {
  'storefront-catalog': {
    ...TABLES,
    merchants: ['GetItem'],
    catalog: ['GetItem', 'Query'],
    vault: ['BatchGetItem', 'Query'],
  },
  'storefront-orders': {
    ...TABLES,
    merchants: ['GetItem'],
    catalog: ['GetItem'],
    orders: ['GetItem', 'PutItem', 'UpdateItem'],
    ...SALE_OF_KEYS,
    MacKey: ['GenerateMac'],
    'PaymentDeadlines/Queue': ['SendMessage'],
    ...SENDING,
    ...SANDBOX,
  },
  'buyer-reveal': {
    ...TABLES,
    merchants: ['GetItem'],
    orders: ['GetItem'],
    vault: ['BatchGetItem', 'UpdateItem'],
    secrets: ['BatchGetItem'],
    guards: ['DeleteItem', 'PutItem'],
    audit: ['PutItem'],
    MacKey: ['GenerateMac'],
    CardKeysKey: ['Decrypt'],
  },
  'sandbox-callback': {
    ...TABLES,
    orders: ['GetItem', 'PutItem', 'UpdateItem'],
    ...RELEASE_OF_KEYS,
    'OrderDelivery/StateMachine': ['StartExecution'],
    ...SANDBOX,
  },
  'confirm-keys': { ...TABLES, orders: ['GetItem', 'UpdateItem'], ...SALE_OF_KEYS },
  'complete-delivery': { ...TABLES, orders: ['GetItem', 'UpdateItem'] },
  'failed-deliveries': {
    ...TABLES,
    orders: ['GetItem', 'UpdateItem'],
    ...SALE_OF_KEYS,
    'FailedDeliveries/Queue': WORKING,
    'StorageKey through sqs': ['Decrypt'],
  },
  'payment-deadlines': {
    ...TABLES,
    orders: ['GetItem', 'UpdateItem'],
    ...RELEASE_OF_KEYS,
    'PaymentDeadlines/Queue': [...WORKING, 'SendMessage'],
    ...SENDING,
  },
  'sweep-orders': {
    ...TABLES,
    orders: ['GetItem', 'UpdateItem'],
    'orders/index/due': ['Query'],
    ...RELEASE_OF_KEYS,
    'OrderDelivery/StateMachine': ['StartExecution'],
  },
  'sweep-holds': {
    ...TABLES,
    orders: ['GetItem'],
    vault: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
  },
  'import-worker': {
    ...TABLES,
    vault: ['BatchGetItem', 'BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
    secrets: ['BatchWriteItem'],
    CardKeysKey: ['GenerateDataKey'],
    MacKey: ['GenerateMac'],
    ...FILES,
    'Files/uploads/*': ['DeleteObject', 'GetObject'],
    'Files/verdict-pieces/*': ['DeleteObject', 'GetObject', 'PutObject'],
    'Files/verdicts/*': ['GetObject', 'PutObject'],
    'Imports/Queue': [...WORKING, 'SendMessage'],
    ...SENDING,
  },
  'console-merchant': { ...TABLES, merchants: ['GetItem', 'UpdateItem'] },
  'console-catalog': {
    ...TABLES,
    merchants: ['GetItem'],
    catalog: ['DeleteItem', 'GetItem', 'PutItem', 'Query'],
  },
  'console-imports': {
    ...TABLES,
    merchants: ['GetItem'],
    catalog: ['GetItem'],
    vault: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
    ...FILES,
    'Files/uploads/*': ['GetObject', 'PutObject'],
    'Files/verdicts/*': ['GetObject'],
    'Imports/Queue': ['SendMessage'],
    ...SENDING,
  },
  'console-orders': {
    ...TABLES,
    merchants: ['GetItem'],
    catalog: ['GetItem'],
    orders: ['GetItem'],
    vault: ['BatchGetItem'],
    audit: ['Query'],
  },
  'invite-owner': {
    ...TABLES,
    merchants: ['GetItem', 'PutItem'],
    'Staff/UserPool': ['AdminAddUserToGroup', 'AdminCreateUser', 'AdminGetUser'],
  },
};

const TRACING = ['PutTelemetryRecords', 'PutTraceSegments'];

let stage: SynthesizedStage;
let grants: Record<string, Record<string, string[]>>;
beforeAll(() => {
  stage = synthesizeStage(stageNamed('dev'));
  grants = Object.fromEntries(
    [...stage.functions()].map(([name, fn]) => [name, grantsOf(stage.statementsOf(fn))]),
  );
}, 120_000);

test.each(Object.entries(GRANTS))('%s may do this and nothing else', (name, expected) => {
  const own = { [`${name}/Log`]: ['CreateLogStream', 'PutLogEvents'], '*': TRACING };
  expect(grants[name]).toEqual({ ...own, ...expected });
});

test('every function is in the table', () => {
  expect(Object.keys(grants).sort()).toEqual(Object.keys(GRANTS).sort());
});

test('only the reveal function may read secrets, and only the import worker may write them', () => {
  expect(whoMay('secrets', 'BatchGetItem')).toEqual(['buyer-reveal']);
  expect(whoMay('secrets')).toEqual(['buyer-reveal', 'import-worker']);
});

test('only the reveal function may unwrap the data keys of card keys', () => {
  expect(whoMay('CardKeysKey', 'Decrypt')).toEqual(['buyer-reveal']);
});

test('only the import worker may make data keys for card keys', () => {
  expect(whoMay('CardKeysKey', 'GenerateDataKey')).toEqual(['import-worker']);
});

test('no policy has a wildcard among its actions', () => {
  expect(everyStatement().flatMap(({ actions }) => actions.filter((one) => one.includes('*')))).toEqual([]);
});

test('nothing but X-Ray and the delivery of logs is granted on all resources', () => {
  const actions = everyStatement()
    .filter(({ resources }) => resources.includes('*'))
    .flatMap((statement) => statement.actions);
  const services = new Set(
    actions.map((action) => action.replace(/(?<=^logs:).*LogDeliver(y|ies)$/, 'delivery')),
  );
  expect([...services].sort()).toEqual([
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:PutResourcePolicy',
    'logs:delivery',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ]);
});

test('nobody uses the storage key but through the service that stores', () => {
  const uses = everyStatement().filter(({ resources }) => resources.includes('StorageKey'));
  expect(uses.length).toBeGreaterThan(0);
  for (const { resources, conditions } of uses) {
    expect(resources).toEqual(['StorageKey']);
    expect(conditions).toEqual({
      StringLike: { 'kms:ViaService': [expect.stringMatching(/^\w+\.<Region>\.amazonaws\.com\*$/)] },
    });
  }
});

test('each function, schedule and state machine has a role of its own', () => {
  const roles = actors().map((actor) => `${actor.stack} ${stage.roleOf(actor)}`);
  expect(new Set(roles).size).toBe(roles.length);
});

test('the delivery workflow may invoke its two functions and put deliveries aside, nothing else', () => {
  const { '*': _logsAndTraces, ...others } = grantsOf(
    stage.statementsOf(stage.only('AWS::StepFunctions::StateMachine')),
  );
  expect(others).toEqual({
    'confirm-keys': ['InvokeFunction'],
    'complete-delivery': ['InvokeFunction'],
    'FailedDeliveries/Queue': ['SendMessage'],
    ...SENDING,
  });
});

test('a schedule may invoke its function alone', () => {
  const ofSchedules = stage.all('AWS::Scheduler::Schedule').map((one) => grantsOf(stage.statementsOf(one)));
  expect(ofSchedules).toEqual([
    { 'sweep-orders': ['InvokeFunction'] },
    { 'sweep-holds': ['InvokeFunction'] },
  ]);
});

test('no role has a policy that AWS manages, but the gateways’ for logs', () => {
  const managed = stage
    .all('AWS::IAM::Role')
    .flatMap(({ stack, resource }) =>
      ((resource.Properties.ManagedPolicyArns ?? []) as unknown[]).map((arn) => stage.resolve(stack, arn)),
    );
  expect(new Set(managed)).toEqual(
    new Set(['arn:<Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs']),
  );
});

const actors = () =>
  stage.all('AWS::Lambda::Function', 'AWS::StepFunctions::StateMachine', 'AWS::Scheduler::Schedule');

const everyStatement = (): Statement[] => actors().flatMap((actor) => stage.statementsOf(actor));

const whoMay = (resource: string, action?: string): string[] =>
  Object.entries(grants)
    .filter(([, own]) => (action === undefined ? resource in own : own[resource]?.includes(action)))
    .map(([name]) => name)
    .sort();

/** Actions without their service's name, by resource; tables without their suffix. */
function grantsOf(statements: readonly Statement[]): Record<string, string[]> {
  const byResource: Record<string, string[]> = {};
  for (const { actions, resources, conditions } of statements) {
    const through = servicesIn(conditions).map((service) => ` through ${service}`);
    for (const resource of resources) {
      const name = `${resource.replace('-table', '')}${through.join()}`;
      const own = actions.map((action) => action.replace(/^.*:/, ''));
      byResource[name] = [...new Set([...(byResource[name] ?? []), ...own])].sort();
    }
  }
  return byResource;
}

const servicesIn = (conditions: Statement['conditions']): string[] => {
  const via = (conditions.StringLike as Record<string, string[]> | undefined)?.['kms:ViaService'] ?? [];
  return via.map((name) => name.split('.')[0] ?? '');
};
