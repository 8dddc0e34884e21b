import { join } from 'node:path';
import * as z from 'zod';
import type { Log } from './aws';
import type { HttpHandler } from './endpoint';
import { localPages } from './pages/local-pages';
import { type Platform, startPlatform } from './platform';
import { PAYMENT_PATH, SandboxGateway } from './sandbox-gateway/sandbox-gateway';

export interface VouchsafeOptions {
  readonly assemblyFolder: string;
  /** Undefined keeps nothing. */
  readonly stateFolder: string | undefined;
  /** 0 takes any free one. */
  readonly port: number;
  /** Generated OpenAPI documents, for the readable pages. */
  readonly openApiFolder: string;
  readonly log: Log;
}

/** Where the product is reached on this machine. */
export interface Vouchsafe {
  readonly platform: Platform;
  /** Both end with a slash. */
  readonly storefrontApiUrl: string;
  readonly consoleApiUrl: string;
  readonly staffPoolClientId: string;
  close(): Promise<void>;
}

const secretValue = z.object({ SecretString: z.string() });

/** The platform with Vouchsafe's stacks on it, and beside them what the cloud does not have: a sandbox gateway, pages. */
export async function startVouchsafe(options: VouchsafeOptions): Promise<Vouchsafe> {
  const { stateFolder, log } = options;
  let running: Platform | undefined;
  const output = (name: string) => outputNamed(running, name);
  const gateway = new SandboxGateway({
    url: () => `${output('StorefrontApiUrl')}payments/sandbox/callback`,
    secret: async () => {
      const SecretId = output('SandboxGatewaySecretArn');
      const value = await running?.services.secretsManager.call('GetSecretValue', { SecretId });
      return secretValue.parse(value).SecretString;
    },
    stateFile: stateFolder && join(stateFolder, 'sandbox-gateway.jsonl'),
    log,
  });
  const pages = localPages(() => running, { openApiFolder: options.openApiFolder });
  const handler: HttpHandler = async (request, response, url) =>
    (await gateway.handle(request, response, url)) || pages(request, response, url);

  running = await startPlatform({
    ...options,
    parameters: (url) => ({ SandboxGatewayUrl: `${url}${PAYMENT_PATH}` }),
    pages: handler,
  });
  gateway.resume();
  return {
    platform: running,
    storefrontApiUrl: output('StorefrontApiUrl'),
    consoleApiUrl: output('ConsoleApiUrl'),
    staffPoolClientId: output('StaffPoolClientId'),
    close: async () => {
      await gateway.close();
      await running?.close();
    },
  };
}

/** An output of whichever stack has it. */
function outputNamed(platform: Platform | undefined, name: string): string {
  const value = Object.values(platform?.outputs ?? {}).find((outputs) => name in outputs)?.[name];
  if (value === undefined) throw new Error(`no stack has the output ${name}`);
  return value;
}
