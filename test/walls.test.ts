import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(__dirname, '..');

interface Wall {
  readonly may: readonly string[];
  readonly mayNot: readonly string[];
}

/** By a file behind the wall: what it may import, and what it may not. */
const walls: Readonly<Record<string, Wall>> = {
  'lambdas/contract/orders.ts': {
    may: ['zod', './values'],
    mayNot: ['../kernel/money', '../orders', '../store/table', '@aws-sdk/lib-dynamodb', 'node:crypto'],
  },
  'lambdas/kernel/money.ts': {
    may: ['./errors'],
    mayNot: ['zod', 'node:crypto', '../contract/values', '../store/table'],
  },
  'lambdas/store/batch.ts': {
    may: ['./table', '../kernel/time', '../contract/tables', 'zod', '@aws-sdk/lib-dynamodb', 'node:crypto'],
    mayNot: ['../runtime/once', '../vault', '../vault/domain/slot', '@middy/core'],
  },
  'lambdas/runtime/edge.ts': {
    may: [
      './once',
      '../kernel/errors',
      '../contract/route',
      '@middy/core',
      '@aws-lambda-powertools/logger/middleware',
      'aws-lambda',
    ],
    mayNot: ['../orders', '../orders/app/place-order', '@aws-sdk/client-sqs', 'aws-cdk-lib'],
  },
  'lambdas/runtime/aws/sqs.ts': {
    may: ['../once', '../../kernel/time', '../../store/table', '@aws-sdk/client-sqs'],
    mayNot: ['@middy/core', '../../orders', '../../orders/adapters/sqs-deadline-queue'],
  },
  'lambdas/orders/domain/order.ts': {
    may: ['./client-limits', '../../kernel/time', '../../contract/orders', 'node:crypto'],
    mayNot: [
      'zod',
      '../app/ports',
      '../adapters/order-item',
      '../../vault',
      '../../vault/domain/slot',
      '../../store/table',
      '../../runtime/once',
      '@aws-sdk/lib-dynamodb',
      'node:fs',
    ],
  },
  'lambdas/orders/app/place-order.ts': {
    may: ['./ports', '../domain/order', '../../vault', '../../kernel/errors', '../../contract/orders'],
    mayNot: [
      'zod',
      '../adapters/order-item',
      '../handlers/storefront-orders',
      '../../vault/app/allocate-keys',
      '../../vault/domain/slot',
      '../../store/table',
      '../../runtime/environment',
      '@aws-sdk/lib-dynamodb',
      '@aws-lambda-powertools/logger',
      '../../../lib/stage',
    ],
  },
  'lambdas/orders/adapters/dynamodb-order-store.ts': {
    may: [
      './order-item',
      '../app/ports',
      '../app/import-ports',
      '../domain/order',
      '../../kernel/time',
      '../../contract/orders',
      '../../store/table',
      'zod',
      '@aws-sdk/lib-dynamodb',
      'node:crypto',
    ],
    mayNot: [
      '../app/place-order',
      '../handlers/storefront-orders',
      '../../vault/adapters/vault-keys',
      '../../runtime/environment',
      '@middy/core',
      '@aws-lambda-powertools/logger',
    ],
  },
  'lambdas/orders/handlers/storefront-orders.ts': {
    may: [
      './delivery-wiring',
      '../app/place-order',
      '../adapters/dynamodb-order-store',
      '../../vault',
      '../../runtime/http-handler',
      '../../runtime/aws/dynamodb',
      '../../kernel/time',
      '../../contract/orders',
      '../../store/table',
    ],
    mayNot: [
      '../../vault/adapters/dynamodb-pool-store',
      '../../vault/app/ports',
      '@middy/core',
      '@aws-lambda-powertools/logger',
      '@aws-sdk/client-sqs',
      'aws-cdk-lib',
    ],
  },
  'lambdas/orders/index.ts': {
    may: ['./app/place-order', './adapters/dynamodb-order-store', '../kernel/time', '../vault'],
    mayNot: ['../vault/app/allocate-keys', '../runtime/once', '../../lib/stage', '@middy/core'],
  },
  'lambdas/orders/policies/a-folder-that-no-wall-knows.ts': {
    may: [],
    mayNot: ['../app/place-order', '../../vault/domain/slot', '@middy/core'],
  },
  'lib/constructs/contract-api.ts': {
    may: ['../stage', './service-function', '../../lambdas/contract/route', 'aws-cdk-lib/aws-kms', 'cdk-nag'],
    mayNot: ['../../lambdas/orders', '../../lambdas/kernel/time', '../../local/aws', '@aws-sdk/client-sqs'],
  },
  'lib/vouchsafe.ts': {
    may: ['./stacks/data', '../lambdas/contract/apis', 'constructs', 'esbuild', 'node:path'],
    mayNot: ['../lambdas/runtime/once', '../local/aws', '@middy/core'],
  },
  'bin/openapi.ts': {
    may: [
      '../lib/stage',
      '../lambdas/contract/apis',
      'aws-cdk-lib',
      '@aws-sdk/client-lambda',
      'node:fs/promises',
    ],
    mayNot: ['../lambdas/merchants', '../lambdas/merchants/app/invite-owner', '../local/aws'],
  },
  'frontend/storefront/src/features/orders/api/place-order.ts': {
    may: ['../../../../../shared/api-client', '../../../../../../lambdas/contract/apis', 'react', 'zod'],
    mayNot: [
      '../../../../../../lambdas/orders',
      '../../../../../../lambdas/kernel/money',
      '../../../../../../lib/stage',
      '../../../../../../local/aws',
      '@aws-sdk/client-s3',
      '@aws-lambda-powertools/logger',
      'aws-cdk-lib',
    ],
  },
  'local/services/sqs/sqs.ts': {
    may: ['./queue', '../../aws', 'zod', 'jose', 'node:http', '@aws-sdk/client-dynamodb'],
    mayNot: [
      '../../../lambdas/contract/apis',
      '../../../lambdas/orders',
      '../../../lib/stage',
      'aws-cdk-lib',
      '@middy/core',
    ],
  },
  'test/handlers/orders/storefront-orders.test.ts': {
    may: ['../../../lambdas/orders/handlers/storefront-orders', '../../../lib/stage', '@middy/core'],
    mayNot: [],
  },
};

const linesOf = ({ may, mayNot }: Wall): readonly string[] => [...may, ...mayNot];

/** What Biome, as the project configures it, reports of each file, by the file. */
function reportedImports(): Map<string, string[]> {
  const project = mkdtempSync(join(tmpdir(), 'walls-'));
  copyFileSync(join(root, 'biome.json'), join(project, 'biome.json'));
  for (const [file, wall] of Object.entries(walls)) {
    mkdirSync(join(project, dirname(file)), { recursive: true });
    writeFileSync(
      join(project, file),
      linesOf(wall)
        .map((name) => `import '${name}';\n`)
        .join(''),
    );
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const { stdout } = spawnSync(
    process.execPath,
    [biome, 'lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.'],
    { cwd: project, encoding: 'utf8' },
  );
  rmSync(project, { recursive: true });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: {
      category: string;
      severity: string;
      location: { path: string; start: { line: number } };
    }[];
  };
  const reported = new Map<string, string[]>();
  for (const { category, severity, location } of diagnostics) {
    if (category !== 'lint/style/noRestrictedImports' || severity !== 'error') continue;
    const wall = walls[location.path];
    const name = wall && linesOf(wall)[location.start.line - 1];
    reported.set(location.path, [...(reported.get(location.path) ?? []), name ?? 'unknown']);
  }
  return reported;
}

describe('the linter', () => {
  const reported = reportedImports();

  test.each(Object.entries(walls))('holds %s to what it may import', (file, { mayNot }) => {
    expect(reported.get(file)?.toSorted() ?? []).toEqual(mayNot.toSorted());
  });
});

test('domain and use cases import nothing but types of the contract', () => {
  const inward = readdirSync(join(root, 'lambdas'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^[^/]+\/(domain|app)\/.*\.ts$/.test(name),
  );
  expect(inward.length).toBeGreaterThan(0);
  const values = inward.filter((name) =>
    /^(?:import|export) (?!type\b)[^;]*from '(?:\.\.\/)+contract\//m.test(
      readFileSync(join(root, 'lambdas', name), 'utf8'),
    ),
  );
  expect(values).toEqual([]);
});
