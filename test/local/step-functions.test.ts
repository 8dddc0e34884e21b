import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { ResourceDefinition } from '../../local/aws';
import { FunctionError } from '../../local/services/function-error';
import { type Clock, systemClock } from '../../local/services/step-functions/clock';
import { StepFunctions } from '../../local/services/step-functions/step-functions';
import { serveAwsJson } from '../support/aws-json-server';

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const MACHINE_ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:delivery';
const ROLE = 'arn:aws:iam::000000000000:role/delivery';

const definition = (resource: string, more: object = {}) => ({
  StartAt: 'Deliver',
  States: { Deliver: { Type: 'Task', Resource: resource, End: true, ...more } },
});

const resourceOf = (properties: Record<string, unknown>): ResourceDefinition => ({
  type: 'AWS::StepFunctions::StateMachine',
  stackName: 'orders',
  logicalId: 'Delivery',
  physicalName: 'delivery',
  properties: { StateMachineType: 'EXPRESS', RoleArn: ROLE, ...properties },
});

const functions: Record<string, (payload: unknown) => unknown> = {
  echo: (payload) => payload,
  never: () => new Promise(() => undefined),
  fails: () => {
    throw new FunctionError('OutOfStock', 'none left');
  },
};

const thousandTimesFaster: Clock = {
  now: systemClock.now,
  wait: (milliseconds, signal) => systemClock.wait(milliseconds / 1000, signal),
};

async function until<T>(probe: () => T | undefined): Promise<T> {
  for (const deadline = Date.now() + 5000; ; await new Promise((resolve) => setTimeout(resolve, 5))) {
    const value = probe();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error('it did not happen within 5 s');
  }
}

describe('Step Functions', () => {
  let service: StepFunctions;
  let server: Awaited<ReturnType<typeof serveAwsJson>>;
  let client: SFNClient;
  let logged: string[];

  const stepFunctions = (clock?: Clock) =>
    new StepFunctions({
      integrations: {
        invokeFunction: async (arn, payload) => functions[arn.split(':')[6] ?? '']?.(payload),
        sendMessage: async () => ({ MessageId: 'm-1' }),
      },
      log: (_, message) => logged.push(message),
      clock,
    });
  const provision = (properties: Record<string, unknown>) =>
    service.provisioners['AWS::StepFunctions::StateMachine']?.(resourceOf(properties));
  const provisionDefinition = (machine: object) => provision({ DefinitionString: JSON.stringify(machine) });
  const start = (input?: unknown, name?: string) =>
    client.send(
      new StartExecutionCommand({
        stateMachineArn: MACHINE_ARN,
        name,
        input: input === undefined ? undefined : JSON.stringify(input),
      }),
    );
  const finished = () => until(() => service.executions().find(({ status }) => status !== 'RUNNING'));

  beforeEach(async () => {
    logged = [];
    service = stepFunctions();
    server = await serveAwsJson({ AWSStepFunctions: service });
    client = new SFNClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
  });

  afterEach(async () => {
    client.destroy();
    await server.close();
    await service.close();
  });

  it('a template resource answers its ARN, name and revision, the same after it is provisioned again', () => {
    const machine = definition(functionArn('echo'));
    const provisioned = provisionDefinition(machine);
    expect(provisioned).toEqual({
      ref: MACHINE_ARN,
      attributes: {
        Arn: MACHINE_ARN,
        Name: 'delivery',
        StateMachineRevisionId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      },
    });
    expect(provisionDefinition(machine)).toEqual(provisioned);
    expect(provisionDefinition(definition(functionArn('fails')))).not.toEqual(provisioned);
  });

  it('StartExecution answers before the execution ends', async () => {
    provisionDefinition(definition(functionArn('never')));
    const { executionArn, startDate } = await start({ order: 'o-1' }, 'o-1');
    expect(executionArn).toMatch(
      /^arn:aws:states:us-east-1:000000000000:express:delivery:o-1:[0-9a-f-]{36}$/,
    );
    expect(Math.abs((startDate?.getTime() ?? 0) - Date.now())).toBeLessThan(5000);
    expect(service.executions()).toMatchObject([
      { executionArn, status: 'RUNNING', states: [{ name: 'Deliver', type: 'Task' }] },
    ]);
  });

  it('the same name starts two executions, as Express machines do not deduplicate', async () => {
    provisionDefinition(definition(functionArn('echo')));
    const [first, second] = [await start({}, 'same'), await start({}, 'same')];
    expect(first.executionArn).not.toBe(second.executionArn);
    await until(() =>
      service.executions().every(({ status }) => status === 'SUCCEEDED') ? true : undefined,
    );
    expect(service.executions()).toHaveLength(2);
  });

  it('the log shows the course of an execution, with inputs cut at 2 KB', async () => {
    provisionDefinition(definition(functionArn('echo')));
    await start({ text: '钥'.repeat(2000) });
    const execution = await finished();
    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      stateMachineArn: MACHINE_ARN,
      states: [{ name: 'Deliver', within: '', retries: 0, exitedAt: expect.any(Number) }],
    });
    expect(execution.input).toMatch(/^\{"text":"钥+…$/);
    expect(Buffer.byteLength(execution.input)).toBeLessThanOrEqual(2048 + Buffer.byteLength('…'));
  });

  it('the log keeps the last 200 executions, the latest first', async () => {
    provisionDefinition(definition(functionArn('echo')));
    for (let index = 0; index < 203; index += 1) await start(undefined, `run-${index}`);
    const names = service.executions().map(({ name }) => name);
    expect([names.length, names[0], names.at(-1)]).toEqual([200, 'run-202', 'run-3']);
  });

  it('a failed execution is logged with its error', async () => {
    provisionDefinition(definition(functionArn('fails')));
    await start();
    expect(await finished()).toMatchObject({
      status: 'FAILED',
      error: 'OutOfStock',
      states: [{ error: 'OutOfStock' }],
    });
    expect(logged).toEqual(['delivery FAILED: OutOfStock']);
  });

  it.each([
    ['its TimeoutSeconds', { TimeoutSeconds: 30 }, 30],
    ['the five minutes of Express', {}, 300],
  ])('an execution that outlasts %s is timed out, past every Catch', async (_, limit, seconds) => {
    service = stepFunctions(thousandTimesFaster);
    provisionDefinition({
      ...definition(functionArn('never'), { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Deliver' }] }),
      ...limit,
    });
    service.startExecution(MACHINE_ARN, '{}');
    const { status, error, cause } = await finished();
    expect([status, error, cause]).toEqual([
      'TIMED_OUT',
      'States.Timeout',
      `delivery did not end within ${seconds} seconds`,
    ]);
  });

  it('close ends what is running', async () => {
    provisionDefinition(definition(functionArn('never')));
    await start();
    await service.close();
    expect(service.executions()).toMatchObject([{ status: 'ABORTED' }]);
  });

  it('the context object holds execution and machine', async () => {
    provisionDefinition({
      StartAt: 'Look',
      States: {
        Look: {
          Type: 'Pass',
          Parameters: { 'execution.$': '$$.Execution', 'machine.$': '$$.StateMachine' },
          End: true,
        },
      },
    });
    const { executionArn } = await start({ a: 1 }, 'look');
    const { output = '' } = await finished();
    expect(JSON.parse(output)).toEqual({
      execution: {
        Id: executionArn,
        Name: 'look',
        Input: { a: 1 },
        RoleArn: ROLE,
        StartTime: expect.any(String),
      },
      machine: { Id: MACHINE_ARN, Name: 'delivery' },
    });
  });

  it('DescribeStateMachine and ListStateMachines show what was provisioned', async () => {
    const machine = definition(functionArn('echo'));
    provision({ Definition: machine, StateMachineName: 'named' });
    provisionDefinition(machine);
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: MACHINE_ARN }));
    expect(described).toMatchObject({ name: 'delivery', type: 'EXPRESS', status: 'ACTIVE', roleArn: ROLE });
    expect(JSON.parse(described.definition ?? '')).toEqual(machine);
    const first = await client.send(new ListStateMachinesCommand({ maxResults: 1 }));
    const second = await client.send(
      new ListStateMachinesCommand({ maxResults: 1, nextToken: first.nextToken }),
    );
    expect(
      [first, second].flatMap(({ stateMachines = [] }) => stateMachines.map(({ name }) => name)),
    ).toEqual(['named', 'delivery']);
    expect(second.nextToken).toBeUndefined();
  });

  it('an Express execution cannot be asked about, as in AWS', async () => {
    provisionDefinition(definition(functionArn('echo')));
    const { executionArn } = await start();
    await expect(client.send(new DescribeExecutionCommand({ executionArn }))).rejects.toMatchObject({
      name: 'InvalidArn',
    });
    await expect(client.send(new GetExecutionHistoryCommand({ executionArn }))).rejects.toMatchObject({
      name: 'InvalidArn',
    });
    await expect(
      client.send(new ListExecutionsCommand({ stateMachineArn: MACHINE_ARN })),
    ).rejects.toMatchObject({ name: 'StateMachineTypeNotSupported' });
  });

  it.each<[string, object, string]>([
    ['an unknown machine', { stateMachineArn: `${MACHINE_ARN}-gone` }, 'StateMachineDoesNotExist'],
    ['a malformed ARN', { stateMachineArn: 'delivery' }, 'InvalidArn'],
    ['an input that is not JSON', { input: '{' }, 'InvalidExecutionInput'],
    ['a name with a slash', { name: 'a/b' }, 'InvalidName'],
  ])('StartExecution refuses %s', async (_, input, name) => {
    provisionDefinition(definition(functionArn('echo')));
    const command = new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, ...input });
    await expect(client.send(command)).rejects.toMatchObject({ name });
  });

  it('an operation that is not implemented says so', async () => {
    const command = new StartSyncExecutionCommand({ stateMachineArn: MACHINE_ARN });
    client.middlewareStack.add(
      (next) => (args) => {
        const { request } = args as { request: { hostname: string } };
        request.hostname = '127.0.0.1';
        return next(args);
      },
      { step: 'finalizeRequest' },
    );
    await expect(client.send(command)).rejects.toThrow(
      'Step Functions StartSyncExecution is not implemented locally',
    );
  });

  it('substitutions are put into the definition, escaped for JSON', async () => {
    provision({
      DefinitionString: `{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"\${Text}","End":true}}}`,
      DefinitionSubstitutions: { Text: 'say "hi"' },
    });
    await start();
    expect((await finished()).output).toBe(JSON.stringify('say "hi"'));
  });

  const machine = definition(functionArn('echo'));
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a STANDARD machine', { Definition: machine, StateMachineType: 'STANDARD' }, /Delivery.*STANDARD/],
    [
      'a machine without a type, which is STANDARD',
      { Definition: machine, StateMachineType: undefined },
      /STANDARD/,
    ],
    [
      'an unknown property',
      { Definition: machine, DefinitionS3Location: {} },
      /Delivery.*\s.*DefinitionS3Location/,
    ],
    ['no definition', {}, /Delivery.*DefinitionString/],
    [
      'a definition that is not emulated',
      { Definition: definition('arn:aws:states:::aws-sdk:s3:getObject') },
      /Delivery.*aws-sdk/,
    ],
    [
      'a substitution without a value',
      { DefinitionString: `{"StartAt":"\${Gone}"}`, DefinitionSubstitutions: {} },
      /\$\{Gone\}/,
    ],
  ])('provisioning refuses %s', (_, properties, message) => {
    expect(() => provision(properties)).toThrow(message);
  });
});
