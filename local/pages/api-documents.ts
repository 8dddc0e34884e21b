import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { html } from './html';
import { notice, type Page } from './page';
import type { ShownPlatform } from './shown-platform';

interface ApiDocument {
  /** Of the file and in the address. */
  readonly name: string;
  readonly title: string;
  /** The stack output that says where the API is. */
  readonly output: string;
}

const DOCUMENTS: readonly ApiDocument[] = [
  { name: 'storefront', title: 'Storefront API', output: 'StorefrontApiUrl' },
  { name: 'console', title: 'Console API', output: 'ConsoleApiUrl' },
];

/** The document that describes the API at `url`. */
export const apiDocumentFor = (url: string, outputs: ShownPlatform['outputs']): ApiDocument | undefined =>
  DOCUMENTS.find(({ output }) => Object.values(outputs).some((values) => values[output] === url));

/** The OpenAPI document as it was generated; undefined when there is no such API or nobody generated it yet. */
export async function readApiDocument(folder: string, name: string): Promise<Buffer | undefined> {
  if (!DOCUMENTS.some((document) => document.name === name)) return undefined;
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? readFile(path) : undefined;
}

/** An OpenAPI document to read, and to try out on the API of this machine. */
export async function apiDocumentPage(
  folder: string,
  { outputs }: ShownPlatform,
  name: string,
): Promise<Page | undefined> {
  const document = DOCUMENTS.find((candidate) => candidate.name === name);
  if (document === undefined) return undefined;
  if ((await readApiDocument(folder, name)) === undefined) return notGenerated;
  const url = Object.values(outputs).find((values) => document.output in values)?.[document.output];
  return {
    title: document.title,
    policy: {
      'script-src': "'self'",
      'connect-src': "'self'",
      // Swagger UI styles some elements by attribute.
      'style-src': "'self' 'unsafe-inline'",
    },
    head: html`<link rel="stylesheet" href="/api-docs/assets/swagger-ui.css">
<script src="/api-docs/assets/swagger-ui-bundle.js" defer></script>
<script src="/pages/api-document.js" defer></script>
`,
    // By its path alone, so that it is also reached when the page was opened as localhost.
    main: html`<main id="api-document" data-document="/api-docs/${name}.json" data-server="${
      url && new URL(url).pathname.replace(/\/$/, '')
    }"><p class="aside">Loading…</p></main>`,
  };
}

export const notGenerated = notice(
  404,
  'No API document',
  html`It was not generated yet. Run <code>npm run openapi</code> and load this page again.`,
);
