import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the assembly is made from. */
const SOURCES = ['bin', 'lib', 'lambdas', 'cdk.json', 'package-lock.json', 'tsconfig.json'];

/**
 * The synthesized cloud assembly of the stage `dev`, made anew only when a source has changed since.
 * @returns its folder
 */
export async function synthesize(root: string, assemblyFolder: string): Promise<string> {
  const stamp = join(assemblyFolder, 'sources.sha256');
  const digest = digestOf(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return assemblyFolder;
  await runCdk(root, assemblyFolder);
  writeFileSync(stamp, digest);
  return assemblyFolder;
}

function runCdk(root: string, assemblyFolder: string): Promise<void> {
  const cdk = spawn(
    process.execPath,
    [join(root, 'node_modules/aws-cdk/bin/cdk'), 'synth', '--quiet', '--output', assemblyFolder],
    {
      cwd: root,
      env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: '1', CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [cdk.stdout, cdk.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    cdk.on('error', reject);
    cdk.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`cdk synth failed:\n${output}`))));
  });
}

function digestOf(root: string): string {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((source) => filesUnder(root, source))) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesUnder(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesUnder(root, `${path}/${name}`));
}
