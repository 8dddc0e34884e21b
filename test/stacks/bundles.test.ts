import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleFunctions } from '../../lib/bundle-functions';
import { stageNamed } from '../../lib/stage';
import { environmentOf, type SynthesizedStage, synthesizeStage } from '../support/synthesized-stage';

const LARGEST = 700_000;
const LARGEST_WITH_FILES = 850_000;

const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-bundles-'));
let stage: SynthesizedStage;
let bundles: { readonly name: string; readonly file: string }[];
beforeAll(() => {
  stage = synthesizeStage(stageNamed('dev'));
  const { folderOf } = bundleFunctions(folder);
  bundles = readdirSync(folder).map((name) => ({ name, file: join(folderOf(name), 'index.js') }));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test('every function has a bundle, and every handler file is a function', () => {
  expect(bundles.map(({ name }) => name).sort()).toEqual([...stage.functions().keys()].sort());
});

test('a bundle is small enough to start fast', () => {
  const tooLarge = bundles
    .map(({ name, file }) => ({ name, source: readFileSync(file) }))
    .filter(({ source }) => source.length > (source.includes('AmazonS3') ? LARGEST_WITH_FILES : LARGEST))
    .map(({ name, source }) => `${name}: ${source.length} bytes`);
  expect(tooLarge).toEqual([]);
});

test('a bundle needs nothing beside itself and its environment to become a handler', async () => {
  const loaded = await Promise.all(
    bundles.map(async ({ name, file }) => {
      const script = `process.stdout.write(typeof require(${JSON.stringify(file)}).handler)`;
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
        cwd: folder,
        env: { AWS_REGION: 'us-east-1', ...variablesOf(name) },
      });
      return [name, stdout];
    }),
  );
  expect(loaded).toEqual(bundles.map(({ name }) => [name, 'function']));
}, 120_000);

/** What its stack gives a function, with names in the place of what only a deployment knows. */
function variablesOf(name: string): Record<string, string> {
  const fn = stage.functions().get(name);
  if (fn === undefined) throw new Error(`no function ${name}`);
  return Object.fromEntries(
    Object.entries(environmentOf(fn)).map(([variable, value]) => [variable, stage.resolve(fn.stack, value)]),
  );
}
