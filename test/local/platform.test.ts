import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CognitoIdentityProviderClient, ListUsersCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PortBusy } from '../../local/endpoint';
import { type Platform, type PlatformOptions, startPlatform } from '../../local/platform';
import { type HandWrittenStack, writeAssembly } from '../support/cloud-assembly';

/** Answers the REST API, works off the queue and is the task of the state machine. */
const FUNCTION = `
const call = async (target, input) => {
  const response = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target,
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0' },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
};
const store = (id, by) => call('DynamoDB_20120810.PutItem', {
  TableName: process.env.TABLE, Item: { id: { S: id }, by: { S: by } } });
exports.handler = async (event) => {
  if (event.Records) {
    for (const { body } of event.Records) {
      if (body === 'broken') throw new Error('cannot work this off');
      await store(body, 'queue');
    }
    return;
  }
  if (event.httpMethod) {
    await call('AmazonSQS.SendMessage', { QueueUrl: process.env.QUEUE, MessageBody: event.pathParameters.id });
    return { statusCode: 202, body: JSON.stringify({ id: event.pathParameters.id, stage: process.env.STAGE }) };
  }
  await store(event.id, 'state machine');
  return { stored: event.id };
};`;

const data: HandWrittenStack = {
  template: {
    Resources: {
      Orders: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          BillingMode: 'PAY_PER_REQUEST',
        },
        DeletionPolicy: 'Retain',
      },
      Files: {
        Type: 'AWS::S3::Bucket',
        Properties: { PublicAccessBlockConfiguration: { BlockPublicAcls: true } },
      },
      Staff: { Type: 'AWS::Cognito::UserPool' },
    },
    Outputs: {
      Orders: { Value: { Ref: 'Orders' }, Export: { Name: 'Data:Orders' } },
      Files: { Value: { Ref: 'Files' } },
      Staff: { Value: { Ref: 'Staff' } },
    },
  },
};

const getAtt = (resource: string, attribute: string) => ({ 'Fn::GetAtt': [resource, attribute] });
const shop: HandWrittenStack = {
  dependencies: ['Data'],
  template: {
    Parameters: { Stage: { Type: 'String', Default: 'dev' } },
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
      DeadLetters: { Type: 'AWS::SQS::Queue' },
      Work: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          VisibilityTimeout: 1,
          RedrivePolicy: { deadLetterTargetArn: getAtt('DeadLetters', 'Arn'), maxReceiveCount: 1 },
        },
      },
      Worker: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: 'cdk-assets', S3Key: 'abc123.zip' },
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Role: getAtt('Role', 'Arn'),
          Timeout: 10,
          Environment: {
            Variables: {
              TABLE: { 'Fn::ImportValue': 'Data:Orders' },
              QUEUE: { Ref: 'Work' },
              STAGE: { Ref: 'Stage' },
            },
          },
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { EventSourceArn: getAtt('Work', 'Arn'), FunctionName: { Ref: 'Worker' }, BatchSize: 1 },
      },
      Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'shop' } },
      Order: {
        Type: 'AWS::ApiGateway::Resource',
        Properties: {
          RestApiId: { Ref: 'Api' },
          ParentId: getAtt('Api', 'RootResourceId'),
          PathPart: '{id}',
        },
      },
      PutOrder: {
        Type: 'AWS::ApiGateway::Method',
        Properties: {
          RestApiId: { Ref: 'Api' },
          ResourceId: { Ref: 'Order' },
          HttpMethod: 'PUT',
          AuthorizationType: 'NONE',
          Integration: {
            Type: 'AWS_PROXY',
            IntegrationHttpMethod: 'POST',
            Uri: {
              'Fn::Sub': `arn:\${AWS::Partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${Worker.Arn}/invocations`,
            },
          },
        },
      },
      Deployment: {
        Type: 'AWS::ApiGateway::Deployment',
        Properties: { RestApiId: { Ref: 'Api' } },
        DependsOn: ['PutOrder'],
      },
      ApiStage: {
        Type: 'AWS::ApiGateway::Stage',
        Properties: { RestApiId: { Ref: 'Api' }, DeploymentId: { Ref: 'Deployment' }, StageName: 'v1' },
      },
      Delivery: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          StateMachineType: 'EXPRESS',
          RoleArn: getAtt('Role', 'Arn'),
          DefinitionString: {
            'Fn::Join': [
              '',
              [
                '{"StartAt":"Store","States":{"Store":{"Type":"Task","End":true,"Resource":"',
                getAtt('Worker', 'Arn'),
                '"}}}',
              ],
            ],
          },
        },
      },
    },
    Outputs: {
      Url: {
        Value: {
          'Fn::Sub': `https://\${Api}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/\${ApiStage}/`,
        },
      },
      Delivery: { Value: { Ref: 'Delivery' } },
      Worker: { Value: { Ref: 'Worker' } },
      DeadLetters: { Value: { Ref: 'DeadLetters' } },
    },
  },
};

const folder = mkdtempSync(join(tmpdir(), 'platform-test-'));
const assemblyFolder = join(folder, 'cdk.out');
const options: PlatformOptions = { assemblyFolder, port: 0, log: () => {} };

const clientOptions = (platform: Platform) => ({
  endpoint: platform.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});

const output = (platform: Platform, stack: string, name: string): string =>
  platform.outputs[stack]?.[name] ?? '';

async function eventually<T>(find: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('It did not happen in 20 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const orderBy = (platform: Platform, id: string) => {
  const client = new DynamoDBClient(clientOptions(platform));
  const get = new GetItemCommand({ TableName: output(platform, 'Data', 'Orders'), Key: { id: { S: id } } });
  return eventually(async () => (await client.send(get)).Item?.by?.S);
};

const deadLetter = (platform: Platform) => {
  const sqs = new SQSClient(clientOptions(platform));
  const receive = new ReceiveMessageCommand({
    QueueUrl: output(platform, 'Shop', 'DeadLetters'),
    WaitTimeSeconds: 1,
    VisibilityTimeout: 0,
  });
  return eventually(async () => (await sqs.send(receive)).Messages?.[0]?.Body);
};

beforeAll(() => writeAssembly(assemblyFolder, { Shop: shop, Data: data }, { abc123: FUNCTION }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a cloud assembly on this machine', () => {
  let platform: Platform;
  const state = { ...options, stateFolder: join(folder, 'state') };
  beforeAll(async () => {
    platform = await startPlatform({ ...state, parameters: () => ({ Stage: 'test' }) });
  });
  afterAll(() => platform.close());

  test('leads a request through API, function and queue into the table', async () => {
    expect(output(platform, 'Shop', 'Url')).toMatch(platform.url);
    const answer = await fetch(`${output(platform, 'Shop', 'Url')}ord_1`, { method: 'PUT' });
    expect([answer.status, await answer.json()]).toEqual([202, { id: 'ord_1', stage: 'test' }]);
    expect(await orderBy(platform, 'ord_1')).toBe('queue');
  });

  test('runs state machines and single functions', async () => {
    const states = new SFNClient(clientOptions(platform));
    await states.send(
      new StartExecutionCommand({
        stateMachineArn: output(platform, 'Shop', 'Delivery'),
        input: JSON.stringify({ id: 'ord_2' }),
      }),
    );
    expect(await orderBy(platform, 'ord_2')).toBe('state machine');

    const { Payload } = await new LambdaClient(clientOptions(platform)).send(
      new InvokeCommand({ FunctionName: output(platform, 'Shop', 'Worker'), Payload: '{"id":"ord_3"}' }),
    );
    expect(Payload?.transformToString()).toBe('{"stored":"ord_3"}');
  });

  test('describes its stacks to tools', async () => {
    const client = new CloudFormationClient(clientOptions(platform));
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'Data' }));
    expect(Stacks).toHaveLength(1);
    expect(Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE');
    expect(Stacks?.[0]?.Outputs).toContainEqual({
      OutputKey: 'Orders',
      OutputValue: output(platform, 'Data', 'Orders'),
    });
    expect((await client.send(new DescribeStacksCommand({}))).Stacks).toHaveLength(2);
    await expect(client.send(new DescribeStacksCommand({ StackName: 'None' }))).rejects.toThrow(
      'Stack with id None does not exist',
    );
  });

  test('answers errors in the shape of their service', async () => {
    const sqs = new SQSClient(clientOptions(platform));
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
    const cognito = new CognitoIdentityProviderClient(clientOptions(platform));
    await expect(cognito.send(new ListUsersCommand({ UserPoolId: 'us-east-1_none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect((await fetch(`${platform.url}/nowhere`)).status).toBe(404);
  });

  test('lets pages of other origins reach user pools and nothing else', async () => {
    const call = (target: string) =>
      fetch(platform.url, {
        method: 'POST',
        headers: {
          origin: 'http://127.0.0.1:5173',
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': target,
        },
        body: '{}',
      });
    const preflight = await fetch(platform.url, { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    const refused = await call('AWSCognitoIdentityProviderService.InitiateAuth');
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([400, '*']);
    expect((await call('DynamoDB_20120810.ListTables')).status).toBe(403);
    const keys = await fetch(`${platform.url}/${output(platform, 'Data', 'Staff')}/.well-known/jwks.json`);
    expect(await keys.json()).toEqual({ keys: [expect.objectContaining({ alg: 'RS256' })] });
  });

  test('takes connections from every loopback address', async () => {
    const status = await new Promise((resolve, reject) => {
      const call = request(`${platform.url}/nowhere`, { localAddress: '127.1.2.3' }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      call.on('error', reject).end();
    });
    expect(status).toBe(404);
  });

  test('refuses a body that is larger than any API takes', async () => {
    const answer = await fetch(platform.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSQS.SendMessage' },
      body: 'x'.repeat(9_000_000),
    });
    expect(answer.status).toBe(413);
  });

  test('says so in one line when the port is taken', async () => {
    const port = Number(new URL(platform.url).port);
    const failure = await startPlatform({ ...options, port }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PortBusy);
    expect(String(failure)).toContain(`Port ${port} is in use`);
  });

  test('stops within five seconds and goes on where it was', async () => {
    const s3 = () => new S3Client(clientOptions(platform));
    const object = { Bucket: output(platform, 'Data', 'Files'), Key: 'a.txt' };
    await s3().send(new PutObjectCommand({ ...object, Body: 'kept' }));
    const work = new SQSClient(clientOptions(platform));
    const { QueueUrl } = await work.send(new GetQueueUrlCommand({ QueueName: 'Shop-Work' }));
    await work.send(new SendMessageCommand({ QueueUrl, MessageBody: 'broken' }));
    expect(await deadLetter(platform)).toBe('broken');
    const before = platform.outputs;

    const stopping = Date.now();
    await platform.close();
    expect(Date.now() - stopping).toBeLessThan(5_000);
    await expect(fetch(platform.url)).rejects.toThrow();

    platform = await startPlatform({ ...state, port: Number(new URL(platform.url).port) });
    expect(platform.outputs).toEqual(before);
    expect(await orderBy(platform, 'ord_1')).toBe('queue');
    expect(await deadLetter(platform)).toBe('broken');
    const { Body } = await s3().send(new GetObjectCommand(object));
    expect(await Body?.transformToString()).toBe('kept');
    const answer = await fetch(`${output(platform, 'Shop', 'Url')}ord_9`, { method: 'PUT' });
    expect(await answer.json()).toEqual({ id: 'ord_9', stage: 'dev' });
    expect(await orderBy(platform, 'ord_9')).toBe('queue');
  });
});

describe('a platform that cannot start', () => {
  const startWith = (resources: Record<string, unknown>, more: Partial<PlatformOptions> = {}) => {
    const other = join(folder, 'other');
    writeAssembly(other, { Other: { template: { Resources: resources } } }, {});
    return startPlatform({ ...options, assemblyFolder: other, ...more });
  };

  test('names a type that no service provides', async () => {
    await expect(startWith({ Cluster: { Type: 'AWS::ECS::Cluster' } })).rejects.toThrow(
      'Other, Cluster (AWS::ECS::Cluster): no local service provides AWS::ECS::Cluster',
    );
  });

  test('names an asset and a parameter that do not exist', async () => {
    const properties = { Code: { S3Key: 'none.zip' }, Handler: 'a.b', Runtime: 'nodejs24.x', Role: 'r' };
    await expect(
      startWith({ Lost: { Type: 'AWS::Lambda::Function', Properties: properties } }),
    ).rejects.toThrow(
      'Other, Lost (AWS::Lambda::Function): The cloud assembly has no asset folder for none.zip',
    );
    await expect(startWith({}, { parameters: () => ({ Typo: 'x' }) })).rejects.toThrow(
      'No stack has a parameter Typo',
    );
  });
});
