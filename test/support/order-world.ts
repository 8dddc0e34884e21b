import { createHash, randomUUID } from 'node:crypto';
import type { RevealLog, RevealRecord } from '../../lambdas/audit';
import type { ProductVersion } from '../../lambdas/catalog';
import type { OrderingSettings } from '../../lambdas/contract/merchants';
import type { Clock, Instant } from '../../lambdas/kernel/time';
import { DynamoDbDueOrders } from '../../lambdas/orders/adapters/dynamodb-due-orders';
import { DynamoDbOrderStore } from '../../lambdas/orders/adapters/dynamodb-order-store';
import type { OrderCredentials, OrderPorts, RevealTokens } from '../../lambdas/orders/app/ports';
import { limitedAddress } from '../../lambdas/orders/domain/client-limits';
import type { PaymentReport } from '../../lambdas/payments/app/ports';
import type { Table } from '../../lambdas/store/table';
import { DynamoDbHintStore } from '../../lambdas/vault/adapters/dynamodb-hint-store';
import { DynamoDbLiveSegments } from '../../lambdas/vault/adapters/dynamodb-live-segments';
import { DynamoDbPoolStore } from '../../lambdas/vault/adapters/dynamodb-pool-store';
import { DynamoDbSegmentStore } from '../../lambdas/vault/adapters/dynamodb-segment-store';
import { DynamoDbSlotStore } from '../../lambdas/vault/adapters/dynamodb-slot-store';
import type { DisclosurePorts, StockPorts } from '../../lambdas/vault/app/ports';
import { aMerchant } from './a-merchant';
import { skuDraft } from './product-drafts';

/** The ports of the orders' use cases: stores on DynamoDB Local, everything else in memory. */

export const PRODUCT_ID = 'prd_0000000001';

/** A shop that sells one product in these SKUs at 9.90 each, up to ten of a SKU in an order. */
export function aShop(skuIds: readonly string[], settings: Partial<OrderingSettings> = {}) {
  const merchant = aMerchant();
  const shop = { ...merchant, settings: { ...merchant.settings, ...settings } };
  const text = { 'zh-CN': '卡', en: 'Card' };
  const onShelf: ProductVersion = {
    productId: PRODUCT_ID,
    version: 1,
    content: {
      name: text,
      description: text,
      instructions: text,
      skus: skuIds.map((skuId) => ({ ...skuDraft({ tiers: [] }), skuId })),
    },
  };
  return {
    shops: { findShop: async (slug: string) => (slug === shop.slug ? shop : undefined) },
    shelf: {
      findOnShelf: async (_: string, productId: string) => (productId === PRODUCT_ID ? onShelf : undefined),
    },
    products: { findProduct: async () => undefined },
    versions: { loadVersion: async () => onShelf },
  } satisfies Partial<OrderPorts>;
}

/** As the real ones but for the key: ids and pseudonyms are digests of the same length. */
export const plainCredentials: OrderCredentials = {
  orderId: async (_, caller, idempotencyKey) => `ord_${digest(`${caller}|${idempotencyKey}`, 26)}`,
  orderToken: async (_, orderId) => `token of ${orderId}`,
  checkToken: async (_, orderId, token) => token === `token of ${orderId}`,
  clients: async (_, contact, address) =>
    [`contact|${contact}`, `address|${limitedAddress(address)}`].map((text) => digest(text, 16)),
};

const digest = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

export const plainPaymentLinks: OrderPorts['paymentLinks'] = {
  linkFor: async ({ orderId }) => `https://pay.example/${orderId}`,
};

/** Callbacks are JSON; every one counts as signed. */
export const trustingGateway = {
  name: 'sandbox',
  readCallback: async (body: string): Promise<PaymentReport | undefined> => JSON.parse(body),
};

/** Admits everybody. */
export const noLimits: OrderPorts['limits'] = {
  admit: async () => ({ kind: 'admitted' }),
  forget: async () => {},
};

export class MemoryRevealTokens implements RevealTokens {
  readonly #tokens = new Map<string, { orderId: string; expiresAt: Instant }>();

  async issue(orderId: string, expiresAt: Instant): Promise<string> {
    const token = randomUUID();
    this.#tokens.set(token, { orderId, expiresAt });
    return token;
  }

  async redeem(token: string, orderId: string, now: Instant): Promise<boolean> {
    const issued = this.#tokens.get(token);
    if (issued?.orderId !== orderId || issued.expiresAt <= now) return false;
    return this.#tokens.delete(token);
  }
}

export class MemoryRevealLog implements RevealLog {
  readonly records: RevealRecord[] = [];

  async record(reveal: RevealRecord): Promise<void> {
    this.records.push(reveal);
  }

  async of(orderId: string): Promise<RevealRecord[]> {
    return this.records.filter((record) => record.orderId === orderId);
  }
}

/** Stock whose caches go by the test's clock. */
export const stockOn = (vault: Table, clock: Clock, random: () => number = Math.random): StockPorts => ({
  segments: new DynamoDbSegmentStore(vault),
  slots: new DynamoDbSlotStore(vault),
  pools: new DynamoDbPoolStore(vault, () => clock().getTime()),
  hints: new DynamoDbHintStore(vault, () =>
    Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0'),
  ),
  live: new DynamoDbLiveSegments(vault),
  random,
});

/** Secrets that are sealed by nothing: a key's plaintext is the id of its secret. */
export const openVault = (stock: StockPorts): DisclosurePorts => ({
  segments: stock.segments,
  slots: stock.slots,
  secrets: { findMany: async (ids) => new Map(ids.map((id) => [id, Buffer.from(id)])) },
  opener: { unwrap: async () => (secretId) => [secretId] },
});

export const ordersOn = (orders: Table) => ({
  orders: new DynamoDbOrderStore(orders),
  dueOrders: new DynamoDbDueOrders(orders),
});
