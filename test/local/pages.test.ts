import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localPages } from '../../local/pages/local-pages';
import { textOfHtml } from '../../local/pages/mail-text';
import type { ShownPlatform } from '../../local/pages/shown-platform';
import { Mailbox } from '../../local/services/mailbox';
import { Sqs } from '../../local/services/sqs';
import type { ExecutionSummary } from '../../local/services/step-functions/execution-log';
import { serveHttp } from '../support/serve-http';

const SCRIPT = '<script>alert("1")</script>';
const STACK = 'vouchsafe-dev-workflow';
const WORK = `${STACK}-Work`;
const DEAD_LETTERS = `${STACK}-DeadLetters`;

const openApiFolder = mkdtempSync(join(tmpdir(), 'open-api-'));
const openApi = '{"openapi":"3.1.0","info":{"title":"Vouchsafe storefront API"},"paths":{}}\n';
writeFileSync(join(openApiFolder, 'storefront.json'), openApi);

const execution: ExecutionSummary = {
  executionArn: 'arn:aws:states:us-east-1:000000000000:express:OrderDelivery:order 1:run-1',
  name: 'order 1',
  stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:OrderDelivery',
  status: 'FAILED',
  startedAt: Date.UTC(2026, 0, 31, 23, 59, 59, 7),
  stoppedAt: Date.UTC(2026, 1, 1, 0, 0, 1, 507),
  input: '{"orderId":"order-1"}',
  error: 'KeysGone',
  cause: SCRIPT,
  states: [
    {
      name: 'Confirm the keys',
      type: 'Task',
      within: '',
      enteredAt: 1,
      exitedAt: 9,
      retries: 2,
      error: 'Busy',
    },
  ],
};

let sqs: Sqs;
let mailbox: Mailbox;
let shown: ShownPlatform | undefined;
let server: Awaited<ReturnType<typeof serveHttp>>;

beforeAll(async () => {
  server = await serveHttp(localPages(() => shown, { openApiFolder }));
});
afterAll(async () => {
  await server.close();
  rmSync(openApiFolder, { recursive: true });
});

beforeEach(async () => {
  sqs = new Sqs({ baseUrl: server.url });
  mailbox = new Mailbox();
  await sqs.call('CreateQueue', { QueueName: DEAD_LETTERS });
  await sqs.call('CreateQueue', {
    QueueName: WORK,
    Attributes: {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(DEAD_LETTERS), maxReceiveCount: 1 }),
      VisibilityTimeout: '0',
    },
  });
  shown = {
    outputs: {
      [STACK]: {},
      'vouchsafe-dev-api': { StorefrontApiUrl: `${server.url}/apis/a1/v1/`, Note: SCRIPT },
    },
    services: {
      sqs,
      mailbox,
      apiGateway: {
        apis: () => [{ id: 'a1', name: 'RestApi', stage: 'v1', url: `${server.url}/apis/a1/v1/` }],
      },
      lambda: {
        functions: () => [
          {
            name: `${STACK}-confirmkeysFunction3371E0F9`,
            arn: 'arn:aws:lambda:us-east-1:000000000000:function:confirm',
            environments: 1,
            running: 1,
            waiting: 0,
            invocations: 1234,
            errors: 56,
            coldStarts: 7,
            p50: 8,
            p95: 1900,
          },
        ],
      },
      scheduler: {
        schedules: () => [
          {
            arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/sweep',
            name: 'sweep',
            group: 'default',
            expression: 'rate(1 minute)',
            timezone: 'UTC',
            enabled: true,
            targetArn: 'arn:aws:lambda:us-east-1:000000000000:function:sweep-orders',
            nextRun: Date.UTC(2026, 1, 3, 4, 5, 6),
            lastRun: {
              scheduledAt: 0,
              finishedAt: Date.UTC(2026, 1, 3, 4, 4, 6),
              attempts: 3,
              outcome: 'failed',
              error: 'the target is gone',
            },
          },
        ],
      },
      stepFunctions: { executions: () => [execution] },
    },
  };
});
afterEach(() => {
  sqs.close();
  mailbox.close();
});

const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;
const send = (body: string) => sqs.sendToArn(arnOf(WORK), body);
const countOf = (queue: string) => sqs.messages(queue).length;

/** A message is dead after its second receive. */
async function sendDeadLetter(body: string): Promise<void> {
  send(body);
  const QueueUrl = `${server.url}/000000000000/${WORK}`;
  for (let receives = 0; receives < 2; receives += 1) await sqs.call('ReceiveMessage', { QueueUrl });
  expect(countOf(DEAD_LETTERS)).toBe(1);
}

const get = (path: string) => fetch(server.url + path);
const textAt = async (path: string) => (await get(path)).text();

const redrive = (queue: string, headers: Record<string, string>) =>
  fetch(`${server.url}/queues/${queue}/redrive`, { method: 'POST', headers, redirect: 'manual' });

test('the operations page shows what every part of the platform does', async () => {
  send('{}');
  mailbox.deliver({ to: 'ada@example.com', subject: 'Hello', text: 'Hello', at: 1 });
  const page = await textAt('/');
  for (const link of [
    'href="/api-docs/storefront"',
    'href="/api-docs/console"',
    'href="/mailbox"',
    `href="/queues/${DEAD_LETTERS}"`,
    'href="/executions/order%201"',
  ]) {
    expect(page).toContain(link);
  }
  const words = textOfHtml(page);
  for (const text of [
    `${server.url}/apis/a1/v1/`,
    '1 message',
    `(/queues/${DEAD_LETTERS}) dead letters 0 0 0 –`,
    'failed 2026-01-31 23:59:59Z 2.5 s',
    '2 retries',
    'Busy',
    `${STACK}-confirmkeysFunction3371E0F9 1 1234 56 7 8 ms 1.9 s`,
    'rate(1 minute)',
    '2026-02-03 04:05:06Z',
    'the target is gone',
    'StorefrontApiUrl',
  ]) {
    expect(words).toContain(text);
  }
});

test('the operations page loads itself again until it is paused', async () => {
  const refresh = 'http-equiv="refresh"';
  expect(await textAt('/')).toContain(refresh);
  expect(await textAt('/?refresh=off')).not.toContain(refresh);
});

test('a queue page shows its messages without receiving them', async () => {
  send('{"orderId":"order-1"}');
  await textAt(`/queues/${WORK}`);
  const words = textOfHtml(await textAt(`/queues/${WORK}`));
  const [message] = sqs.messages(WORK);
  expect(words).toContain(`${message?.id} visible 0`);
  expect(words).toContain('{"orderId":"order-1"}');
});

test('a long message body is cut after 500 characters', async () => {
  send('x'.repeat(501));
  const page = await textAt(`/queues/${WORK}`);
  expect(page).toContain(`>${'x'.repeat(500)}…<`);
});

test('what others wrote never becomes markup', async () => {
  send(SCRIPT);
  mailbox.deliver({ to: SCRIPT, subject: SCRIPT, text: `<p>Hello</p>${SCRIPT}`, at: 1 });
  mailbox.deliver({ to: SCRIPT, subject: SCRIPT, text: `"'${SCRIPT}`, at: 1 });
  for (const path of [
    '/',
    `/queues/${WORK}`,
    '/executions/order%201',
    '/mailbox',
    '/mailbox/1',
    '/mailbox/2',
  ]) {
    const page = await textAt(path);
    expect([path, page.includes('<script')]).toEqual([path, false]);
    expect([path, page.includes('&#60;script&#62;alert(&#34;1&#34;)')]).toEqual([path, true]);
  }
});

test('pages run no script, stay in no cache and load nothing from elsewhere', async () => {
  mailbox.deliver({ to: 'ada@example.com', subject: 'Hello', text: '<p>Hello</p>', at: 1 });
  for (const path of ['/', `/queues/${WORK}`, '/mailbox/1', '/executions', '/mailbox/unknown']) {
    const { headers } = await get(path);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src|https?:|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

test('an execution page shows every execution of that name with its states', async () => {
  const words = textOfHtml(await textAt('/executions/order%201'));
  expect(words).toContain('KeysGone');
  expect(words).toContain('Confirm the keys Task');
  expect(words).toContain('8 ms 2 Busy');
  expect(textOfHtml(await textAt('/executions'))).toContain('order 1');
});

test('the mailbox lists messages newest first', async () => {
  mailbox.deliver({ to: 'ada@example.com', subject: 'first', text: 'Hello', at: 1 });
  mailbox.deliver({ to: 'ada@example.com', subject: 'second', text: 'Hello', at: 2 });
  expect(await textAt('/mailbox')).toMatch(/href="\/mailbox\/2">second.*href="\/mailbox\/1">first/s);
});

test('a plain mail is shown as it was written', async () => {
  mailbox.deliver({ to: 'ada@example.com', subject: 'Code', text: 'Your code\n  is 1 < 2', at: 1 });
  const page = await textAt('/mailbox/1');
  expect(page).toContain('Your code\n  is 1 &#60; 2');
  expect(page).not.toContain('<iframe');
});

test('an HTML mail is shown as text, and as HTML in a sandbox', async () => {
  const text = '<p>Your code is <b>123456</b>.</p><p>Bye &amp; thanks</p>';
  mailbox.deliver({ to: 'ada@example.com', subject: 'Code', text, at: 1 });
  const page = await textAt('/mailbox/1');
  expect(page).toContain('Your code is 123456.\n\nBye &#38; thanks');
  expect(page).toContain('sandbox="" srcdoc="&#60;p&#62;');
});

test('the text of an HTML mail keeps its lines, its list and where its links lead', () => {
  const mail =
    '<html><head><title>No</title><style>p { }</style></head><body><h1>Order</h1>\n<p>Dear&nbsp;Ada,<br>see <a href="https://example.com/o">it</a></p><ul><li>one</li><li>&#x4f60;</li></ul></body></html>';
  expect(textOfHtml(mail)).toBe('Order\n\nDear Ada,\nsee it (https://example.com/o)\n\n- one\n- 你');
});

test('a mail that is only broken markup is read as it stands', () => {
  expect(textOfHtml('<p>1 &lt; 2 &bogus; &#9999999;')).toBe('1 < 2 &bogus; &#9999999;');
});

test('an API document is served as it was generated, and its page asks no other host', async () => {
  expect(await textAt('/api-docs/storefront.json')).toBe(openApi);
  const response = await get('/api-docs/storefront');
  const page = await response.text();
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self'; connect-src 'self'");
  expect(page).toContain('data-server="/apis/a1/v1"');
  const loaded = [...page.matchAll(/(?:src|href)="([^"]*(?:js|css))"/g)].map(([, path = '']) => path);
  expect(loaded).toHaveLength(4);
  for (const path of loaded) expect((await get(path)).status).toBe(200);
});

test('an API document that is missing says how to make it', async () => {
  for (const path of ['/api-docs/console', '/api-docs/console.json']) {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('npm run openapi');
  }
});

test('what does not exist is a page that says so', async () => {
  for (const path of [
    '/queues/unknown',
    '/executions/unknown',
    '/executions/%E0%A4%A',
    '/mailbox/1',
    '/mailbox/x',
    '/api-docs/unknown',
  ]) {
    const response = await get(path);
    expect([path, response.status]).toEqual([path, 404]);
    expect(await response.text()).toContain('Not found');
  }
});

test('paths that are no pages are left to others', async () => {
  const pages = localPages(() => shown, { openApiFolder });
  const others = await serveHttp(async (request, response, url) => {
    if (await pages(request, response, url)) return true;
    response.writeHead(418).end();
    return true;
  });
  for (const path of ['/unknown', '/api-docs/assets/package.json', '/pages/..%2fpage.ts']) {
    expect((await fetch(others.url + path)).status).toBe(418);
  }
  expect((await fetch(others.url, { method: 'POST' })).status).toBe(418);
  await others.close();
});

test('the health check answers once the platform is ready', async () => {
  const ready = await get('/health');
  expect([ready.status, await ready.text()]).toEqual([200, 'ok']);
  shown = undefined;
  expect((await get('/health')).status).toBe(503);
  expect((await get('/')).status).toBe(503);
});

test('the form of a dead-letter queue sends its messages back', async () => {
  await sendDeadLetter('{"orderId":"order-1"}');
  expect(await textAt(`/queues/${DEAD_LETTERS}`)).toContain(`action="/queues/${DEAD_LETTERS}/redrive"`);
  const response = await redrive(DEAD_LETTERS, { origin: server.url });
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe(`/queues/${DEAD_LETTERS}`);
  expect([countOf(DEAD_LETTERS), countOf(WORK)]).toEqual([0, 1]);
  expect(textOfHtml(await textAt(`/queues/${DEAD_LETTERS}`))).toContain('1 of 1 moved');
});

test('a page of another origin cannot redrive', async () => {
  await sendDeadLetter('{}');
  const origins: Record<string, string>[] = [
    {},
    { origin: 'null' },
    { origin: 'http://evil.example' },
    { origin: 'http://127.0.0.1:1' },
  ];
  for (const headers of origins) {
    expect((await redrive(DEAD_LETTERS, headers)).status).toBe(403);
  }
  expect(countOf(DEAD_LETTERS)).toBe(1);
});

test('only dead-letter queues can be redriven', async () => {
  expect(await textAt(`/queues/${WORK}`)).not.toContain('<form');
  expect((await redrive(WORK, { origin: server.url })).status).toBe(400);
  expect((await redrive('unknown', { origin: server.url })).status).toBe(404);
});
