import * as z from 'zod';

/** Every refusal that a caller can meet: its status and a short title. The code is what clients decide by. */
export const problems = {
  'request.invalid': { status: 400, title: 'The request is not valid' },
  'request.unauthenticated': { status: 401, title: 'Sign in first' },
  'request.forbidden': { status: 403, title: 'Your role does not allow this' },
  'request.not_found': { status: 404, title: 'There is no such thing' },
  'request.too_large': { status: 413, title: 'The request is too large' },
  'request.throttled': { status: 429, title: 'Too many requests: slow down' },
  'request.unexpected': { status: 500, title: 'Something went wrong on our side' },
  'shops.not_found': { status: 404, title: 'There is no such shop' },
  'merchants.slug_taken': { status: 409, title: 'The shop address belongs to another merchant' },
  'merchants.email_taken': {
    status: 409,
    title: 'The e-mail address belongs to the staff of another merchant',
  },
  'catalog.product_not_found': { status: 404, title: 'There is no such product' },
  'catalog.sku_not_found': { status: 404, title: 'The product has no such SKU' },
  'catalog.revision_changed': { status: 409, title: 'Somebody else has changed the product' },
  'catalog.version_changed': { status: 409, title: 'The product has changed since you looked at it' },
  'catalog.unpublished': { status: 409, title: 'The product is not on sale' },
  'vault.import_not_found': { status: 404, title: 'There is no such import' },
  'vault.upload_missing': { status: 409, title: 'The file has not been uploaded' },
  'vault.import_started': { status: 409, title: 'The import has been started already' },
  'vault.import_finished': { status: 409, title: 'The import is finished' },
  'vault.verdicts_not_ready': { status: 409, title: 'The verdicts are not ready' },
  'orders.not_found': { status: 404, title: 'There is no such order' },
  'orders.in_progress': { status: 409, title: 'The same order is being placed' },
  'orders.key_reused': { status: 422, title: 'The Idempotency-Key belongs to another order' },
  'orders.sold_out': { status: 409, title: 'Sold out' },
  'orders.over_limit': { status: 422, title: 'More than one order may hold' },
  'orders.too_many_unpaid': { status: 429, title: 'Too many unpaid orders' },
  'orders.too_many_held': { status: 429, title: 'Too many keys held by unpaid orders' },
  'orders.not_cancellable': { status: 409, title: 'The order can no longer be cancelled' },
  'orders.not_delivered': { status: 409, title: 'The order is not delivered' },
  'orders.reveal_token_invalid': { status: 409, title: 'The reveal token is used up or too old' },
  'payments.no_gateway': { status: 503, title: 'The shop cannot take payments yet' },
  'payments.signature_invalid': { status: 400, title: 'The callback is not signed by the gateway' },
  'payments.not_applicable': { status: 409, title: 'The payment does not fit an order' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** RFC 9457, with the code, the request id and the wrong fields as extensions. */
export const problem = z
  .object({
    type: z.string().meta({ examples: ['urn:vouchsafe:problem:orders.sold_out'] }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string().meta({ examples: ['orders.sold_out'] }),
    requestId: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;
