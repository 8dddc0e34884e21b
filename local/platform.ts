import { join } from 'node:path';
import * as z from 'zod';
import { readAssembly } from './assembly/assembly';
import { type Log, REGION, type ResourceDefinition } from './aws';
import { Endpoint, type HttpHandler } from './endpoint';
import { mergeProvisioners, provisionStacks } from './provision';
import { readBody } from './request-body';
import { ApiGateway } from './services/api-gateway/api-gateway';
import { CloudFormation } from './services/cloudformation';
import { Cognito } from './services/cognito/cognito';
import { DynamoDb } from './services/dynamodb';
import { startDynamoDbLocal } from './services/dynamodb-local';
import { EventSourceMappings } from './services/event-source-mapping';
import { Kms } from './services/kms';
import { handleInvokeRequest } from './services/lambda/invoke-request';
import { Lambda } from './services/lambda/lambda';
import { Mailbox } from './services/mailbox';
import { notEmulated } from './services/not-emulated';
import { S3 } from './services/s3/s3';
import { Scheduler } from './services/scheduler';
import { SecretsManager } from './services/secrets-manager';
import { Sqs } from './services/sqs';
import { StepFunctions } from './services/step-functions/step-functions';

const sentMessage = z.object({ MessageId: z.string() });

/** How long running invocations may take to end when the platform closes. */
const GRACE_MS = 1_500;

export interface PlatformOptions {
  /** A synthesized cloud assembly, `cdk.out`. */
  readonly assemblyFolder: string;
  /** Keeps everything across restarts; undefined keeps nothing. */
  readonly stateFolder?: string | undefined;
  /** Of the one endpoint; 0 takes any free one. */
  readonly port: number;
  /** Values for template parameters, by name, given the endpoint's URL; others take their default. */
  readonly parameters?: (url: string) => Readonly<Record<string, string>>;
  /** Local pages, asked after all services. */
  readonly pages?: HttpHandler;
  readonly log: Log;
}

export interface Platform {
  /** The endpoint of all services, without a slash at the end. */
  readonly url: string;
  /** By stack, then by output; URLs of REST APIs lead to this machine. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Everything that the stacks ask for, alarms and dashboards included. */
  readonly resources: readonly ResourceDefinition[];
  readonly services: Services;
  /** Ends everything within five seconds. */
  close(): Promise<void>;
}

export type Services = ReturnType<typeof createServices>;

/**
 * Runs the stacks of a cloud assembly on this machine.
 * @throws PortBusy, JavaMissing, or an Error that names what cannot run here; nothing is left running then
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { stateFolder, log } = options;
  const assembly = readAssembly(options.assemblyFolder);
  // Run from the last to the first.
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) {
      await Promise.resolve()
        .then(closer)
        .catch((error: unknown) => log('platform', `closing failed: ${String(error)}`));
    }
  };
  try {
    const endpoint = await Endpoint.listen(options.port, log);
    closers.push(() => endpoint.close());
    // Before any state is opened: it is what finds out that another process uses the folder.
    const dynamoDbLocal = await startDynamoDbLocal(
      stateFolder === undefined ? { inMemory: true } : { folder: join(stateFolder, 'dynamodb') },
    );
    closers.push(() => dynamoDbLocal.close());

    const services = createServices({
      url: endpoint.url,
      dynamoDbUrl: dynamoDbLocal.url,
      assetFolder: assembly.assetFolder,
      stateFolder,
      log,
    });
    closers.push(
      () => closeState(services),
      () => endpoint.serve(undefined),
      () => stopWork(services),
    );

    const provisioners = mergeProvisioners([
      ...Object.values(services).flatMap((service) =>
        'provisioners' in service ? [service.provisioners] : [],
      ),
      notEmulated,
    ]);
    const provisioned = await provisionStacks(
      assembly,
      provisioners,
      options.parameters?.(endpoint.url) ?? {},
    );
    const stacks = provisioned.map((stack) => ({
      ...stack,
      outputs: withLocalUrls(stack.outputs, services),
    }));

    const cloudFormation = new CloudFormation(stacks);
    endpoint.serve({
      json: {
        AmazonSQS: services.sqs,
        AWSStepFunctions: services.stepFunctions,
        AWSCognitoIdentityProviderService: services.cognito,
        TrentService: services.kms,
        secretsmanager: services.secretsManager,
      },
      proxied: {
        DynamoDB_20120810: (request, response) => services.dynamoDb.proxy(request, response),
        DynamoDBStreams_20120810: (request, response) => services.dynamoDb.proxy(request, response),
      },
      handlers: [
        invocations(services.lambda),
        (request, response, url) => services.apiGateway.handle(request, response, url),
        (request, response, url) => services.s3.handle(request, response, url),
        (request, response, url) => cloudFormation.handle(request, response, url),
        keySets(services.cognito),
        ...(options.pages ? [options.pages] : []),
      ],
    });
    services.lambda.resume();
    services.eventSourceMappings.start();
    services.scheduler.start();

    return {
      url: endpoint.url,
      outputs: Object.fromEntries(stacks.map(({ name, outputs }) => [name, outputs])),
      resources: stacks.flatMap(({ resources }) => resources),
      services,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function createServices({
  url,
  dynamoDbUrl,
  assetFolder,
  stateFolder,
  log,
}: {
  url: string;
  dynamoDbUrl: string;
  assetFolder: (s3Key: string) => string;
  stateFolder: string | undefined;
  log: Log;
}) {
  const folder = (name: string) => (stateFolder === undefined ? undefined : join(stateFolder, name));
  const file = (name: string) => folder(`${name}.jsonl`);

  const sqs = new Sqs({ baseUrl: url, statePath: file, log });
  const lambda = new Lambda({
    // Straight to the database: through the one endpoint each of its many requests would pass this process too.
    endpoints: { AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl },
    assetFolder,
    onOutput: (name, line) => log('lambda', line, { function: name }),
    deadLetter: ({ targetArn, body, attributes }) => {
      sqs.sendToArn(targetArn, body, {
        attributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [
            name,
            { DataType: 'String', StringValue: value },
          ]),
        ),
      });
    },
    stateFile: file('lambda-events'),
  });
  const invoke = (functionArn: string, event: unknown) => lambda.invoke(functionArn, event);
  const stepFunctions = new StepFunctions({
    integrations: {
      invokeFunction: invoke,
      sendMessage: async (QueueUrl, MessageBody, options) =>
        sentMessage.parse(await sqs.call('SendMessage', { QueueUrl, MessageBody, ...options })),
    },
    log,
  });
  const mailbox = new Mailbox(file('mailbox'));
  const cognito = new Cognito({ stateFolder: folder('cognito'), issuerBase: url, mailbox });
  return {
    apiGateway: new ApiGateway({
      baseUrl: url,
      invoke,
      verifyIdToken: (poolId, token) => cognito.verifyIdToken(poolId, token),
      log,
    }),
    cognito,
    dynamoDb: new DynamoDb({ url: dynamoDbUrl, log }),
    eventSourceMappings: new EventSourceMappings({ sqs, invoke, log, graceMs: GRACE_MS }),
    kms: new Kms({ stateFile: file('kms') }),
    lambda,
    mailbox,
    s3: new S3({ folder: folder('s3'), log }),
    scheduler: new Scheduler({
      fire: async (targetArn, input) => {
        if (targetArn.includes(':states:')) stepFunctions.startExecution(targetArn, input);
        else if (targetArn.includes(':lambda:')) lambda.invokeAsync(targetArn, JSON.parse(input));
        else if (targetArn.includes(':sqs:')) sqs.sendToArn(targetArn, input);
        else throw new Error(`A schedule cannot reach ${targetArn} locally`);
      },
      log,
      statePath: file('schedules'),
    }),
    secretsManager: new SecretsManager({ stateFile: file('secrets') }),
    sqs,
    stepFunctions,
  };
}

/** What starts work first, then what does it. Functions that are running may use the endpoint to the end. */
async function stopWork({ scheduler, eventSourceMappings, stepFunctions, lambda }: Services): Promise<void> {
  scheduler.close();
  await Promise.all([eventSourceMappings.close(), stepFunctions.close()]);
  await lambda.close();
}

function closeState(services: Services): void {
  for (const name of ['sqs', 'cognito', 'kms', 'mailbox', 's3', 'secretsManager', 'dynamoDb'] as const) {
    services[name].close();
  }
}

/** Templates spell the address that an API has in the cloud. */
function withLocalUrls(
  outputs: Readonly<Record<string, string>>,
  { apiGateway }: Services,
): Record<string, string> {
  const localize = (value: string) =>
    apiGateway.apis().reduce((text, { id, stage, url }) => {
      const inTheCloud = `https://${id}.execute-api.${REGION}.amazonaws.com/${stage}/`;
      return text.replaceAll(inTheCloud, url);
    }, value);
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, localize(value)]));
}

const invocations =
  (lambda: Lambda): HttpHandler =>
  async (request, response, url) => {
    if (!url.pathname.startsWith('/2015-03-31/functions/')) return false;
    const { method = '', headers } = request;
    const path = url.pathname + url.search;
    const answer = await handleInvokeRequest(lambda, {
      method,
      path,
      headers,
      body: await readBody(request),
    });
    if (answer === undefined) return false;
    response.writeHead(answer.status, answer.headers).end(answer.body);
    return true;
  };

/** The public keys of a user pool, where tokens say that their issuer is. */
const keySets =
  (cognito: Cognito): HttpHandler =>
  async (_, response, url) => {
    const poolId = /^\/([\w-]+_\w+)\/\.well-known\/jwks\.json$/.exec(url.pathname)?.[1];
    if (poolId === undefined) return false;
    response.writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
    response.end(JSON.stringify(cognito.jwks(poolId)));
    return true;
  };
