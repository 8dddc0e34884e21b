import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { randomId } from '../../lambdas/runtime/random-id';
import { timeOrderedId } from '../../lambdas/runtime/time-ordered-id';
import { DerivedMacs } from '../../lambdas/store/derived-mac';
import { DynamoDbFingerprintStore } from '../../lambdas/vault/adapters/dynamodb-fingerprint-store';
import { DynamoDbLiveSegments } from '../../lambdas/vault/adapters/dynamodb-live-segments';
import { DynamoDbLotStore } from '../../lambdas/vault/adapters/dynamodb-lot-store';
import { DynamoDbPartStore } from '../../lambdas/vault/adapters/dynamodb-part-store';
import { DynamoDbPoolStore } from '../../lambdas/vault/adapters/dynamodb-pool-store';
import { DynamoDbSecretStore } from '../../lambdas/vault/adapters/dynamodb-secret-store';
import { DynamoDbSegmentStore } from '../../lambdas/vault/adapters/dynamodb-segment-store';
import { DynamoDbSegmentWriter } from '../../lambdas/vault/adapters/dynamodb-segment-writer';
import { DynamoDbSlotStore } from '../../lambdas/vault/adapters/dynamodb-slot-store';
import { DynamoDbSlotWriter } from '../../lambdas/vault/adapters/dynamodb-slot-writer';
import { KmsSecretOpener } from '../../lambdas/vault/adapters/kms-secret-opener';
import { KmsSecretSealer } from '../../lambdas/vault/adapters/kms-secret-sealer';
import { MacFingerprinter } from '../../lambdas/vault/adapters/mac-fingerprinter';
import { doImportTask } from '../../lambdas/vault/app/do-import-task';
import type { ImportPorts, ImportTask } from '../../lambdas/vault/app/import-ports';
import type { LocalKms } from './local-kms';
import { MemoryUploads, MemoryVerdicts } from './memory-files';
import { settableClock } from './settable-clock';
import { createTable, localDynamoDbDocuments } from './tables';

/** Ends a process at its n-th write, which still happens; from then on that process does nothing any more. */
export class Lifeline {
  writes = 0;
  #dead = false;

  constructor(private readonly lastWrite = Number.POSITIVE_INFINITY) {}

  async write<T>(work: () => Promise<T>): Promise<T> {
    const done = await this.read(work);
    this.writes += 1;
    if (this.writes >= this.lastWrite) this.#dead = true;
    if (this.#dead) throw new Error('the process has ended');
    return done;
  }

  async read<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) throw new Error('the process has ended');
    return work();
  }
}

/** Methods that change nothing. */
const READS = new Set(['read', 'exists', 'link', 'form']);

/** The same object, each of whose calls goes by a lifeline. */
function guarded<T extends object>(target: T, lifeline: Lifeline): T {
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name);
      if (typeof value !== 'function') return value;
      const call =
        (...input: unknown[]) =>
        async () =>
          Reflect.apply(value, object, input);
      return READS.has(String(name))
        ? (...input: unknown[]) => lifeline.read(call(...input))
        : (...input: unknown[]) => lifeline.write(call(...input));
    },
  });
}

function guardClient(client: DynamoDBDocumentClient, lifeline: Lifeline): void {
  client.middlewareStack.add(
    (next, context) => (args) =>
      /Put|Update|Delete|Write/.test(context.commandName ?? '')
        ? lifeline.write(() => next(args))
        : lifeline.read(() => next(args)),
    { step: 'initialize', name: 'lifeline' },
  );
}

const limits = { lines: 200, partLines: 4 };

/** A whole import in this process: real stores on DynamoDB Local, files and queue in memory, local KMS. */
export async function importRig(kms: LocalKms, options: { limits?: typeof limits } = {}) {
  const vault = await createTable('vault');
  const secrets = await createTable('secrets');
  const uploads = new MemoryUploads();
  const verdicts = new MemoryVerdicts();
  const messages: ImportTask[] = [];
  const { clock, advance } = settableClock();
  const macs = new DerivedMacs(kms.client, kms.macKey);

  /** A process of its own. */
  const boot = (lifeline = new Lifeline()): ImportPorts => {
    const client = localDynamoDbDocuments();
    guardClient(client, lifeline);
    const table = { ...vault, client };
    return {
      lots: new DynamoDbLotStore(table),
      parts: new DynamoDbPartStore(table),
      fingerprints: new DynamoDbFingerprintStore(table),
      fingerprinter: new MacFingerprinter(macs),
      slots: new DynamoDbSlotWriter(table),
      secrets: new DynamoDbSecretStore({ ...secrets, client }),
      segments: new DynamoDbSegmentWriter(table),
      live: new DynamoDbLiveSegments(table),
      pools: new DynamoDbPoolStore(table),
      sealer: new KmsSecretSealer(kms.client, kms.cardKeysKey),
      uploads: guarded(uploads, lifeline),
      verdicts: guarded(verdicts, lifeline),
      queue: guarded(
        { send: async (tasks: readonly ImportTask[]) => void messages.push(...tasks) },
        lifeline,
      ),
      skus: { hasSku: async () => 'yes' },
      newId: timeOrderedId(clock),
      randomId,
      clock,
      limits: options.limits ?? limits,
    };
  };
  const ports = boot();

  const deliver = async (task: ImportTask, by: ImportPorts = ports): Promise<boolean> => {
    try {
      await doImportTask(by, task);
      return true;
    } catch {
      messages.push(task);
      return false;
    }
  };

  /** Delivers messages until there are none. */
  const drain = async (by: ImportPorts = ports) => {
    for (let deliveries = 0; messages.length > 0; deliveries += 1) {
      if (deliveries > 2000) throw new Error('the import does not come to an end');
      const task = messages.shift();
      if (task !== undefined) await deliver(task, by);
    }
  };

  const scan = async (table: typeof vault) => {
    const items: Record<string, unknown>[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await table.client.send(
        new ScanCommand({ TableName: table.tableName, ConsistentRead: true, ExclusiveStartKey: from }),
      );
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  };

  /** What lies in the tables and folders, by kind. */
  const census = async () => {
    const items = await scan(vault);
    const count = (kind: string) => items.filter(({ pk }) => String(pk).startsWith(`${kind}#`)).length;
    return {
      fingerprints: count('fingerprint'),
      slots: count('slot'),
      segments: count('segment'),
      poolRows: count('pool'),
      liveRows: count('live'),
      notes: items.filter(({ sk }) => String(sk).startsWith('claims#')).length,
      secrets: (await scan(secrets)).length,
      uploads: uploads.files.size,
      pieces: verdicts.pieces.size,
    };
  };

  /** Every key on sale: its values and expiry, sorted. */
  const keysOnSale = async () => {
    const segments = new DynamoDbSegmentStore(vault);
    const slots = new DynamoDbSlotStore(vault);
    const ciphertexts = new DynamoDbSecretStore(secrets);
    const opener = new KmsSecretOpener(kms.client, kms.cardKeysKey);
    const rows = (await scan(vault)).filter(({ pk }) => String(pk).startsWith('pool#'));
    const keys: { values: string; expiresAt: string }[] = [];
    for (const { segmentId } of rows) {
      const segment = await segments.find(String(segmentId));
      if (segment === undefined) throw new Error('a pool row without segment');
      const refs = Array.from({ length: segment.size }, (_, index) => ({
        segmentId: segment.segmentId,
        index,
      }));
      const found = await slots.findMany(refs);
      if (found.length !== segment.size) throw new Error('a segment with a gap');
      const open = await opener.unwrap(segment);
      const sealed = await ciphertexts.findMany(found.map(({ secretId }) => secretId));
      for (const { secretId } of found) {
        const ciphertext = sealed.get(secretId);
        if (ciphertext === undefined) throw new Error('a slot without secret');
        keys.push({ values: open(secretId, ciphertext).join(' | '), expiresAt: segment.expiresAt });
      }
    }
    return keys.sort((a, b) => (a.values < b.values ? -1 : 1));
  };

  return {
    ports,
    boot,
    deliver,
    drain,
    messages,
    uploads,
    verdicts,
    census,
    keysOnSale,
    scan: () => scan(vault),
    advance,
  };
}

export type ImportRig = Awaited<ReturnType<typeof importRig>>;
