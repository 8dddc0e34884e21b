import { execFile } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { serveHttp } from '../../support/serve-http';

const ROOT = join(__dirname, '../../..');
const COMPLETE = ['--slug', 'demo', '--name', 'Demo shop', '--email', 'owner@example.com'];
const ANSWER = { merchantId: 'mer_0000000001', slug: 'demo', email: 'owner@example.com' };

/** The two services that the command asks, and what it has sent to the function. */
const sent: unknown[] = [];
let outputs = 'InviteOwnerFunction';
let answer: { readonly error?: 'Unhandled'; readonly payload: unknown } = { payload: ANSWER };

async function answerAws(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  if (url.pathname.endsWith('/functions/the-function/invocations')) {
    sent.push(JSON.parse(body));
    if (answer.error) response.setHeader('x-amz-function-error', answer.error);
    response.end(JSON.stringify(answer.payload));
    return true;
  }
  response.setHeader('content-type', 'text/xml');
  if (new URLSearchParams(body).get('StackName') !== 'vouchsafe-dev-console-api') {
    const message = 'Stack with id nothing does not exist';
    response.statusCode = 400;
    response.end(
      `<ErrorResponse><Error><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
    );
    return true;
  }
  const output = `<OutputKey>${outputs}</OutputKey><OutputValue>the-function</OutputValue>`;
  response.end(
    '<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>s</StackName>' +
      '<CreationTime>2026-01-31T08:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>' +
      `<Outputs><member>${output}</member></Outputs>` +
      '</member></Stacks></DescribeStacksResult></DescribeStacksResponse>',
  );
  return true;
}

let aws: Awaited<ReturnType<typeof serveHttp>>;
beforeAll(async () => {
  aws = await serveHttp(answerAws);
});
afterAll(() => aws.close());
beforeEach(() => {
  sent.length = 0;
  outputs = 'InviteOwnerFunction';
  answer = { payload: ANSWER };
});

interface Ending {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function command(...args: string[]): Promise<Ending> {
  const env = {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    NODE_NO_WARNINGS: '1',
  };
  const argv = ['--import', 'tsx', 'bin/invite-owner.ts', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { cwd: ROOT, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test('invites through the function that the stack names and prints whom', async () => {
  const { code, stdout } = await command(...COMPLETE);
  expect(stdout).toMatch(/^Invited owner@example\.com as owner of the shop "demo" \(mer_0000000001\)\..*\n$/);
  expect(code).toBe(0);
  expect(sent).toEqual([{ slug: 'demo', name: 'Demo shop', email: 'owner@example.com', currency: 'CNY' }]);
});

/** One line on the terminal, exit code 1, and nothing invited. */
async function complaint(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await command(...args);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^[^\n]+\n$/);
  return stderr;
}

test.each([
  ['missing', ['--slug', 'demo', '--name', 'Demo shop'], /^--email is missing/],
  ['wrong', [...COMPLETE, '--slug', 'No Slug'], /^--slug is 3 to 40 lower-case letters/],
  ['unknown', [...COMPLETE, '--colour', 'red'], /'--colour'/],
  ['without its value', ['--slug'], /'--slug <value>'/],
])('a flag that is %s is named, and nobody is invited', async (_how, args, message) => {
  expect(await complaint(...args)).toMatch(message);
  expect(sent).toEqual([]);
});

test('a stack that is not there, or names no function, is told by its name', async () => {
  expect(await complaint(...COMPLETE, '--stack', 'nothing')).toMatch(/nothing does not exist/);
  outputs = 'SomethingElse';
  expect(await complaint(...COMPLETE)).toMatch(/vouchsafe-dev-console-api has no output InviteOwnerFunction/);
  expect(sent).toEqual([]);
});

test('a refusal is told in words, the unexpected as it came', async () => {
  const refuse = (errorMessage: string) => {
    answer = { error: 'Unhandled', payload: { errorType: 'Error', errorMessage } };
  };
  refuse('merchants.slug_taken');
  expect(await complaint(...COMPLETE)).toBe('The shop address belongs to another merchant\n');
  refuse('Task timed out after 10.00 seconds');
  expect(await complaint(...COMPLETE)).toBe('the invitation failed: Task timed out after 10.00 seconds\n');
});
