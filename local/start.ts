import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { demoOwner } from './demo/demo-merchant';
import { seedDemo } from './demo/seed-demo';
import { PortBusy } from './endpoint';
import { fileLog } from './local-log';
import { JavaMissing, StateInUse } from './services/dynamodb-local';
import { synthesize } from './synthesize';
import { startVouchsafe, type Vouchsafe } from './vouchsafe';

const ROOT = join(__dirname, '..');
const STATE = join(ROOT, '.vouchsafe');
const DEFAULT_PORT = '4700';
const USAGE = `npm start -- [options]
  --port N    the one port of everything (${DEFAULT_PORT})
  --fresh     forget everything first
  --memory    keep nothing`;

/** Functions live in UTC, and worker threads share the process's time zone. */
process.env.TZ = 'UTC';
/** The SDK's advice about Node versions is for the cloud's functions, which have the newest. */
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

async function main(): Promise<void> {
  const startedAt = Date.now();
  const { port, fresh, memory } = options();
  const data = join(STATE, 'data');
  if (fresh) rmSync(data, { recursive: true, force: true });

  const assemblyFolder = await synthesize(ROOT, join(STATE, 'cdk.out'));
  const vouchsafe = await startVouchsafe({
    assemblyFolder,
    stateFolder: memory ? undefined : data,
    port,
    openApiFolder: join(ROOT, 'docs/openapi'),
    log: fileLog(join(STATE, 'local.log')),
  });
  closeOnSignal(vouchsafe);
  await seedDemo(vouchsafe);
  process.stdout.write(banner(vouchsafe, (Date.now() - startedAt) / 1000));
}

function options(): { port: number; fresh: boolean; memory: boolean } {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: DEFAULT_PORT },
      fresh: { type: 'boolean', default: false },
      memory: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError('--port is a number up to 65535');
  return { ...values, port };
}

class UsageError extends Error {}

/** Ends everything that was started; pressed again, at once. */
function closeOnSignal(vouchsafe: Vouchsafe): void {
  let closing = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (closing) process.exit(1);
      closing = true;
      process.stdout.write('\nStopping …\n');
      vouchsafe.close().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    });
  }
}

const banner = (
  { platform, storefrontApiUrl, consoleApiUrl, staffPoolClientId }: Vouchsafe,
  seconds: number,
): string => `
Vouchsafe runs on this machine (${seconds.toFixed(1)} s)

  Operations page   ${platform.url}/
  Mailbox           ${platform.url}/mailbox
  API documents     ${platform.url}/api-docs/storefront
                    ${platform.url}/api-docs/console
  Storefront API    ${storefrontApiUrl}shops/${demoOwner.slug}
  Console API       ${consoleApiUrl}

  Demo merchant     ${demoOwner.slug}
  Sign-in           ${demoOwner.email} / ${demoOwner.password}
  Sign-in client    ${staffPoolClientId}

  The walk-through with curl is in README.md. Ctrl-C stops everything; the state stays in .vouchsafe/.
`;

/** What a person can mend is one line; anything else comes with its trace. */
function fail(error: unknown): never {
  const plain =
    error instanceof PortBusy ||
    error instanceof JavaMissing ||
    error instanceof StateInUse ||
    error instanceof UsageError ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  process.stderr.write(`${plain ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
