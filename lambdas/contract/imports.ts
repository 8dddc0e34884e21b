import * as z from 'zod';
import { routes } from './route';
import { instant, lotId, page, pageOf, productId, skuId } from './values';

/** The most keys that one import may bring. */
export const MAX_IMPORT_LINES = 100_000;
/** The most lines that one message of an import's work covers. */
export const MAX_PART_LINES = 1_000;
/** 64 MiB: a hundred thousand lines of more than 600 bytes. */
export const MAX_UPLOAD_BYTES = 64 * 1024 * 1024;
/** Pasted text travels in the request body. */
export const MAX_PASTE_CHARACTERS = 1_000_000;

export const keyColumn = z
  .strictObject({
    index: z.int('is a whole number').min(0, 'counts columns from 0').max(63, 'is at most 63'),
    role: z.enum(['secret', 'expires_at']).default('secret'),
    label: z
      .string()
      .trim()
      .min(1, 'is not empty')
      .max(30, 'has at most 30 characters')
      .meta({ description: 'Shown to the buyer beside the value (卡号, 密码).', examples: ['卡密'] }),
  })
  .meta({ id: 'KeyColumn' });
export type KeyColumn = z.infer<typeof keyColumn>;

/** How lines become keys. Nothing is guessed: the delimiter and the columns are the merchant's choice. */
export const keyFormat = z
  .strictObject({
    encoding: z.enum(['utf-8', 'gbk']).default('utf-8'),
    delimiter: z
      .string()
      .min(1, 'is not empty')
      .max(8, 'has at most 8 characters')
      .optional()
      .meta({ description: 'Absent: the whole line is the key.', examples: [',', '----', '\t'] }),
    quoted: z
      .boolean()
      .default(false)
      .meta({ description: 'CSV quoting: a field in double quotes may hold the delimiter and line breaks.' }),
    headerLines: z
      .int('is a whole number')
      .min(0, 'is at least 0')
      .max(10, 'is at most 10')
      .default(0)
      .meta({ description: 'Lines at the top that hold no key; blank ones count.' }),
    columns: z
      .array(keyColumn)
      .min(1, 'has at least one column')
      .max(8, 'has at most 8 columns')
      .refine((columns) => columns.some((one) => one.role === 'secret'), 'has a column with the role secret')
      .refine(
        (columns) => columns.filter((one) => one.role === 'expires_at').length <= 1,
        'has at most one column with the role expires_at',
      )
      .refine(
        (columns) => new Set(columns.map((one) => one.index)).size === columns.length,
        'names each column once',
      )
      .default([{ index: 0, role: 'secret', label: '卡密' }]),
    /** The zone in which an expiry date without a time ends. */
    timeZone: z
      .string()
      .refine(isTimeZone, 'is an IANA time zone, such as Asia/Shanghai')
      .default('Asia/Shanghai'),
  })
  .refine(({ delimiter, columns }) => delimiter !== undefined || columns.every(({ index }) => index === 0), {
    path: ['columns'],
    message: 'names column 0 alone where there is no delimiter',
  })
  .meta({ id: 'KeyFormat' });
export type KeyFormat = z.infer<typeof keyFormat>;

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

export const lotStatus = z
  .enum([
    'awaiting_upload',
    'splitting',
    'claiming',
    'writing',
    'publishing',
    'active',
    'failed',
    'cancelling',
    'cancelled',
  ])
  .meta({ id: 'LotStatus' });
export type LotStatus = z.infer<typeof lotStatus>;

export const verdictCounts = z
  .object({
    lines: z
      .int()
      .meta({ description: 'Lines read: accepted and rejected ones; blank and header lines apart.' }),
    accepted: z.int(),
    duplicateInFile: z.int(),
    duplicateInVault: z.int(),
    malformed: z.int(),
    blank: z.int(),
    header: z.int(),
  })
  .meta({ id: 'VerdictCounts' });
export type VerdictCounts = z.infer<typeof verdictCounts>;

export const keyImport = z
  .object({
    lotId,
    productId,
    skuId,
    status: lotStatus,
    format: keyFormat,
    fileName: z.string().optional(),
    supplier: z.string().optional(),
    unitCostCents: z.int().optional(),
    expiresAt: z.string().optional(),
    progress: z
      .object({ done: z.int(), total: z.int() })
      .meta({ description: 'Lines of the running phase that are worked through, of all known so far.' }),
    counts: verdictCounts.optional().meta({ description: 'Present once every line has its verdict.' }),
    failure: z.string().optional(),
    createdBy: z.string(),
    createdAt: z.string(),
    finishedAt: z.string().optional(),
  })
  .meta({ id: 'KeyImport' });
export type KeyImport = z.infer<typeof keyImport>;

const importBody = z.strictObject({
  productId,
  skuId,
  format: keyFormat.prefault({}),
  supplier: z.string().trim().min(1, 'is not empty').max(80, 'has at most 80 characters').optional(),
  unitCostCents: z.int('is a whole number').min(0, 'is at least 0').max(1_000_000_000).optional(),
  expiresAt: instant.optional().meta({ description: 'For keys whose line names no expiry.' }),
});
export type ImportBody = z.infer<typeof importBody>;

const importParams = z.object({ lotId });
const stockRoles = ['owner', 'operator'] as const;
const createProblems = ['catalog.product_not_found', 'catalog.sku_not_found'] as const;

export const consoleImportRoutes = routes({
  createImport: {
    method: 'POST',
    path: '/imports',
    summary: 'Prepare the import of a key file',
    description: 'Answers a presigned POST for the file; start the import once the file is up.',
    roles: stockRoles,
    body: importBody.extend({
      fileName: z.string().trim().min(1, 'is not empty').max(120, 'has at most 120 characters'),
    }),
    status: 201,
    response: z.object({
      import: keyImport,
      upload: z.object({
        url: z.string(),
        fields: z.record(z.string(), z.string()),
        maxBytes: z.int(),
        expiresAt: z.string(),
      }),
    }),
    problems: createProblems,
  },
  pasteImport: {
    method: 'POST',
    path: '/imports/paste',
    summary: 'Import keys from pasted text; starts at once',
    roles: stockRoles,
    body: importBody.extend({
      text: z
        .string()
        .min(1, 'is not empty')
        .max(MAX_PASTE_CHARACTERS, `has at most ${MAX_PASTE_CHARACTERS} characters`),
    }),
    status: 202,
    response: keyImport,
    problems: createProblems,
  },
  startImport: {
    method: 'POST',
    path: '/imports/{lotId}/start',
    summary: 'Start the import of the uploaded file',
    roles: stockRoles,
    params: importParams,
    status: 202,
    response: keyImport,
    problems: ['vault.import_not_found', 'vault.upload_missing', 'vault.import_started'],
  },
  cancelImport: {
    method: 'POST',
    path: '/imports/{lotId}/cancel',
    summary: 'Stop an import that is not yet on sale and forget its keys',
    roles: stockRoles,
    params: importParams,
    status: 202,
    response: keyImport,
    problems: ['vault.import_not_found', 'vault.import_finished'],
  },
  listImports: {
    method: 'GET',
    path: '/imports',
    summary: 'Imports of the merchant, newest first',
    roles: ['owner', 'operator', 'support'],
    query: page,
    status: 200,
    response: pageOf(keyImport),
    problems: [],
  },
  getImport: {
    method: 'GET',
    path: '/imports/{lotId}',
    summary: 'One import: its progress, then its counts',
    roles: ['owner', 'operator', 'support'],
    params: importParams,
    status: 200,
    response: keyImport,
    problems: ['vault.import_not_found'],
  },
  getVerdicts: {
    method: 'GET',
    path: '/imports/{lotId}/verdicts',
    summary: 'A short-lived link to the verdict file: line, mask, verdict and reason of every line read',
    roles: ['owner', 'operator', 'support'],
    params: importParams,
    status: 200,
    response: z.object({ url: z.string(), expiresAt: z.string() }),
    problems: ['vault.import_not_found', 'vault.verdicts_not_ready'],
  },
});

/** Work on an import: positions in the upload, never its text. */
export const importMessage = z.discriminatedUnion('step', [
  z.object({ step: z.enum(['split', 'advance']), merchantId: z.string(), lotId: z.string() }),
  z.object({
    step: z.enum(['claim', 'write', 'discard']),
    merchantId: z.string(),
    lotId: z.string(),
    part: z.int(),
  }),
]);
export type ImportMessage = z.infer<typeof importMessage>;

/** Folders of the files bucket. What lies in `uploads` is plaintext: its lifecycle ends after one day. */
export const importFolders = { uploads: 'uploads', pieces: 'verdict-pieces', verdicts: 'verdicts' } as const;
