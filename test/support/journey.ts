import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ProductDraft } from '../../lambdas/contract/catalog';
import { synthesize } from '../../local/synthesize';
import { startVouchsafe, type Vouchsafe } from '../../local/vouchsafe';

const ROOT = join(__dirname, '..', '..');

/** The whole platform with nothing in it, on a free port, from the app's own synthesized template. */
export async function startForJourney(stateFolder?: string): Promise<Vouchsafe> {
  return startVouchsafe({
    assemblyFolder: await synthesize(ROOT, join(ROOT, '.vouchsafe', 'cdk.out')),
    stateFolder,
    port: 0,
    openApiFolder: join(ROOT, 'docs/openapi'),
    log: () => {},
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a journey reads answers as any client would, unchecked
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, text as a form. */
  readonly body?: unknown;
  /** A loopback address to come from, so that limits by address see another client. */
  readonly from?: string | undefined;
}

const agent = new Agent({ keepAlive: true, maxSockets: 100 });

/** One HTTP request; JSON answers parsed. */
export function http(method: string, url: string, { headers = {}, body, from }: Call = {}): Promise<Answer> {
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const contentType = typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json';
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        agent: from === undefined ? agent : new Agent(),
        ...(from === undefined ? {} : { localAddress: from }),
        headers: { ...(payload === undefined ? {} : { 'content-type': contentType }), ...headers },
      },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.includes('json');
        resolve({
          status: response.statusCode ?? 0,
          body: isJson ? JSON.parse(text) : text,
          headers: response.headers,
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

/** Asks until the answer is as wanted. */
export async function until<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  withinMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`not so in time: ${JSON.stringify(answer).slice(0, 500)}`);
    await wait(50);
  }
}

/** A merchant's console, as the holder of an ID token uses it. */
export class Console {
  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return http(method, `${this.baseUrl}${path}`, {
      headers: { authorization: this.token },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** A product on sale with one SKU, and what an order of it has to say. */
  async publish(changes: Partial<ProductDraft['skus'][number]> = {}): Promise<OnSale> {
    const { body: draft } = await this.call('POST', 'products', draftOf(changes));
    const { productId, revision } = draft;
    const { body } = await this.call('POST', `products/${productId}/publish`, { revision });
    return { productId, productVersion: body.publishedVersion, skuId: body.draft.skus[0].skuId };
  }

  /** Imports pasted keys and waits until they can be bought. */
  async stock({ productId, skuId }: OnSale, keys: readonly string[], more: object = {}): Promise<Json> {
    const started = await this.call('POST', 'imports/paste', {
      productId,
      skuId,
      text: keys.join('\n'),
      ...more,
    });
    return this.finished(started.body.lotId);
  }

  /** An import once it is done. */
  async finished(lotId: string): Promise<Json> {
    const { body } = await until(
      () => this.call('GET', `imports/${lotId}`),
      (answer) => ['active', 'failed', 'cancelled'].includes(answer.body.status),
    );
    return body;
  }
}

export interface OnSale {
  readonly productId: string;
  readonly productVersion: number;
  readonly skuId: string;
}

export const draftOf = (changes: Partial<ProductDraft['skus'][number]> = {}): Json => ({
  name: { 'zh-CN': '视频月卡', en: 'Video card' },
  description: { 'zh-CN': '一个月', en: 'One month' },
  instructions: { 'zh-CN': '在应用内兑换', en: 'Redeem it in the app' },
  redeemLink: 'https://redeem.example.com/',
  skus: [{ name: { 'zh-CN': '月卡', en: 'Month' }, priceCents: 1000, limitPerOrder: 20, ...changes }],
});

/** A buyer at a shop, from an address of its own. */
export class Buyer {
  readonly contact = `${randomUUID()}@example.com`;

  constructor(
    private readonly shopUrl: string,
    readonly from?: string,
  ) {}

  order(product: OnSale, changes: object = {}, idempotencyKey: string = randomUUID()): Promise<Answer> {
    return http('POST', `${this.shopUrl}/orders`, {
      headers: { 'idempotency-key': idempotencyKey },
      body: { ...product, quantity: 1, contact: this.contact, ...changes },
      from: this.from,
    });
  }

  call(method: string, order: Json, path = '', body?: unknown): Promise<Answer> {
    return http(method, `${this.shopUrl}/orders/${order.orderId}${path}`, {
      headers: { 'order-token': order.orderToken },
      from: this.from,
      ...(body === undefined ? {} : { body }),
    });
  }

  see(order: Json): Promise<Answer> {
    return this.call('GET', order);
  }

  /** Does something at the sandbox gateway that the order's payment link leads to. */
  async pay(order: Json, action = 'pay'): Promise<Json> {
    const link = new URL(order.paymentUrl);
    link.searchParams.set('action', action);
    const answer = await http('POST', `${link.origin}${link.pathname}`, {
      headers: { accept: 'application/json' },
      body: link.searchParams.toString(),
    });
    return answer.body.payments;
  }

  async become(order: Json, status: string): Promise<Json> {
    const { body } = await until(
      () => this.see(order),
      (answer) => answer.body.status === status,
    );
    return body;
  }

  async reveal(order: Json): Promise<Answer> {
    const { body } = await this.call('POST', order, '/reveal-tokens');
    return this.call('POST', order, '/reveals', { revealToken: body.revealToken });
  }
}

/** Reaches behind the product's back, for what cannot be waited for or does not happen by itself. */
export class Backstage {
  readonly dynamodb: DynamoDBDocumentClient;
  private readonly sqs: SQSClient;

  constructor(private readonly vouchsafe: Vouchsafe) {
    const settings = {
      endpoint: vouchsafe.platform.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    };
    this.dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
    this.sqs = new SQSClient(settings);
  }

  /** A resource of the stacks whose logical id begins so. */
  name(prefix: string, type: string): string {
    const resource = this.vouchsafe.platform.resources.find(
      (one) => one.type === type && one.logicalId.startsWith(prefix),
    );
    if (resource === undefined) throw new Error(`no ${type} begins with ${prefix}`);
    return resource.physicalName;
  }

  /** An order's payment deadline is now, and the message about it comes. */
  async deadlineComes(orderId: string): Promise<void> {
    const deadlineAt = new Date().toISOString();
    await this.setOrder(orderId, 'deadlineAt', deadlineAt);
    await this.setOrder(orderId, 'dueAt', deadlineAt);
    await this.sqs.send(
      new SendMessageCommand({
        QueueUrl: `${this.vouchsafe.platform.url}/000000000000/${this.name('PaymentDeadlinesQueue', 'AWS::SQS::Queue')}`,
        MessageBody: JSON.stringify({ orderId, deadlineAt }),
      }),
    );
  }

  async setOrder(orderId: string, attribute: string, value: unknown): Promise<void> {
    await this.set('orders', { pk: `order#${orderId}` }, attribute, value);
  }

  async set(table: string, Key: Record<string, string>, attribute: string, value: unknown): Promise<void> {
    await this.dynamodb.send(
      new UpdateCommand({
        TableName: this.name(`${table}table`, 'AWS::DynamoDB::Table'),
        Key,
        UpdateExpression: 'SET #attribute = :value',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':value': value },
      }),
    );
  }

  /** Runs a function now, as its schedule would in time. */
  run(entry: string): Promise<unknown> {
    const name = this.name(`${entry.replaceAll('-', '')}Function`, 'AWS::Lambda::Function');
    return this.vouchsafe.platform.services.lambda.invoke(name, {});
  }
}
