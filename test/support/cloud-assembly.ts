import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface HandWrittenStack {
  readonly dependencies?: readonly string[];
  readonly template: Record<string, unknown>;
}

/**
 * Writes a cloud assembly as `cdk synth` lays it out.
 * @param functions source of `index.js` by asset hash; a template finds it at S3Key `<hash>.zip`
 */
export function writeAssembly(
  folder: string,
  stacks: Readonly<Record<string, HandWrittenStack>>,
  functions: Readonly<Record<string, string>>,
): void {
  const write = (file: string, content: unknown) =>
    writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  mkdirSync(folder, { recursive: true });
  for (const [hash, source] of Object.entries(functions)) {
    mkdirSync(join(folder, `asset.${hash}`), { recursive: true });
    write(`asset.${hash}/index.js`, source);
  }
  const files = Object.fromEntries(
    Object.keys(functions).map((hash) => [
      hash,
      {
        source: { path: `asset.${hash}`, packaging: 'zip' },
        destinations: { current: { bucketName: 'cdk-assets', objectKey: `${hash}.zip` } },
      },
    ]),
  );
  const artifacts: Record<string, unknown> = {
    Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
  };
  for (const [name, { template, dependencies = [] }] of Object.entries(stacks)) {
    write(`${name}.template.json`, template);
    write(`${name}.assets.json`, { version: '48.0.0', files, dockerImages: {} });
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: `${name}.template.json` },
      dependencies: [...dependencies, `${name}.assets`],
    };
  }
  write('manifest.json', { version: '48.0.0', artifacts });
}
