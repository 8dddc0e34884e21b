import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { consoleApi, storefrontApi } from '../lambdas/contract/apis';
import { openApiDocument } from '../lambdas/contract/open-api';
import { gateways } from '../lambdas/contract/payments';

/** Writes the OpenAPI documents of the contract; with `--check` says instead which of them have drifted. */
async function run(args: readonly string[]): Promise<void> {
  for (const api of [storefrontApi(gateways), consoleApi]) {
    const file = `docs/openapi/${api.name}.json`;
    const text = `${JSON.stringify(openApiDocument(api), null, 2)}\n`;
    await (args.includes('--check') ? check(file, text) : write(file, text));
  }
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function check(file: string, text: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  console.error(`${file} is not what the contract says. Write it anew: npm run openapi`);
  process.exitCode = 1;
}

void run(process.argv.slice(2));
