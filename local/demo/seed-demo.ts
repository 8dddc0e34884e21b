import { setTimeout as wait } from 'node:timers/promises';
import type { Vouchsafe } from '../vouchsafe';
import { demoOwner, demoProducts } from './demo-merchant';
import { PublicApi } from './public-api';
import { signInOwner } from './sign-in-owner';

interface Product {
  readonly productId: string;
  readonly revision: number;
  readonly status: string;
  readonly draft: {
    readonly name: { readonly en: string };
    readonly skus: readonly { readonly skuId: string }[];
  };
}

interface KeyImport {
  readonly lotId: string;
  readonly skuId: string;
  readonly status: string;
  readonly failure?: string;
}

const IMPORT_WITHIN_MS = 60_000;

/**
 * A demo merchant with three products and their keys, made over the product's public routes as an owner would.
 * Interrupted, the next start completes what is missing; complete, it changes nothing.
 */
export async function seedDemo(vouchsafe: Vouchsafe): Promise<void> {
  const console = new PublicApi(vouchsafe.consoleApiUrl, await signInOwner(vouchsafe, demoOwner));
  const products = await console.list<Product>('products');
  const imports = await console.list<KeyImport>('imports');
  const started: KeyImport[] = [];
  for (const wanted of demoProducts) {
    const product =
      products.find(({ draft }) => draft.name.en === wanted.draft.name.en) ??
      (await console.call<Product>('POST', 'products', wanted.draft));
    for (const [i, { format, text }] of wanted.imports.entries()) {
      const skuId = product.draft.skus[i]?.skuId;
      if (imports.some((one) => one.skuId === skuId)) continue;
      const { productId } = product;
      const body = { productId, skuId, format, text: text() };
      started.push(await console.call<KeyImport>('POST', 'imports/paste', body));
    }
    if (product.status !== 'draft') continue;
    await console.call('POST', `products/${product.productId}/publish`, { revision: product.revision });
  }
  for (const { lotId } of started) await untilActive(console, lotId);
}

async function untilActive(console: PublicApi, lotId: string): Promise<void> {
  const deadline = Date.now() + IMPORT_WITHIN_MS;
  for (;;) {
    const { status, failure } = await console.call<KeyImport>('GET', `imports/${lotId}`);
    if (['active', 'failed', 'cancelled'].includes(status)) return;
    if (Date.now() > deadline) throw new Error(`the demo import ${lotId} is ${status} ${failure ?? ''}`);
    await wait(200);
  }
}
