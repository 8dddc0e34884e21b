import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const OWN = join(__dirname, 'assets');
const SWAGGER_UI = dirname(require.resolve('swagger-ui-dist/package.json'));

const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

const FILES: Readonly<Record<string, { readonly path: string; readonly contentType: string }>> = {
  '/pages/style.css': { path: join(OWN, 'style.css'), contentType: CSS },
  '/pages/api-document.js': { path: join(OWN, 'api-document.js'), contentType: SCRIPT },
  '/api-docs/assets/swagger-ui.css': { path: join(SWAGGER_UI, 'swagger-ui.css'), contentType: CSS },
  '/api-docs/assets/swagger-ui-bundle.js': {
    path: join(SWAGGER_UI, 'swagger-ui-bundle.js'),
    contentType: SCRIPT,
  },
};

/** What the pages load, by its path; nothing else of the machine's files is served. */
export async function staticFile(
  path: string,
): Promise<{ content: Buffer; contentType: string } | undefined> {
  const file = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
  return file && { content: await readFile(file.path), contentType: file.contentType };
}
