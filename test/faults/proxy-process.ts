import { randomBytes } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { processTree } from '../../bench/race/process-tree.ts';
import { nodeOptions } from '../../bench/race/systems/ours.ts';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { supervise } from '../../hack/cluster/control-plane/supervisor.ts';
import { type BucketReport, readinessReportSchema } from '../../proxy/src/report.ts';
import { eventually } from '../eventually.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
/** What the image carries. */
const BUNDLE = join(REPOSITORY, 'dist', 'proxy.js');
const START_MS = 30_000;

/** The proxy as its users run it: a process of its own, with the options that its image starts Node with. */
export interface ProxyProcess {
  readonly pid: number;
  readonly port: number;
  /** Prometheus text of the management port. */
  metrics(): Promise<string>;
  /** Whether it wants to be sent requests. */
  isReady(): Promise<boolean>;
  /** What it last saw of its bucket. */
  bucket(): Promise<BucketReport>;
  /** Its connections to the store and the requests that wait for one, as it sees them itself. */
  pool(): Promise<{ busy: number; idle: number; queued: number }>;
  /** Resident memory in bytes now, and its highest so far, of all its processes together. */
  memory(): Promise<{ rss: number; peak: number }>;
  /** Open file descriptors of its first process. */
  openFiles(): Promise<number>;
  /** Connections to a port of another process: those of all its processes, or of some of them. */
  connectionsTo(port: number, of?: readonly number[]): Promise<number>;
  /** What it wrote. */
  log(): Promise<string>;
  /** Whether it still runs: it is never started again. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

/**
 * Starts the proxy and waits until it is ready; or only until it answers, where it is not to get ready.
 * @param directory takes its log
 * @throws Error with the end of its log when it does not get that far
 */
export async function startProxy(
  directory: string,
  environment: Record<string, string>,
  until: 'ready' | 'answering' = 'ready',
): Promise<ProxyProcess> {
  const [port = 0, managementPort = 0] = await freePorts(2);
  const name = `proxy-${randomBytes(4).toString('hex')}`;
  const options = nodeOptions(await readFile(join(REPOSITORY, 'Dockerfile.proxy'), 'utf8'));
  const child = supervise(name, process.execPath, [...options, BUNDLE], {
    logs: directory,
    restart: false,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      SHUTDOWN_DELAY_SECONDS: '0',
      SHUTDOWN_TIMEOUT_SECONDS: '1',
      PORT: String(port),
      MANAGEMENT_PORT: String(managementPort),
      ...environment,
    },
  });
  const pid = child.pid ?? -1;
  const log = () => readFile(join(directory, `${name}.log`), 'utf8');
  const management = `http://127.0.0.1:${managementPort}`;
  const readiness = () => fetch(`${management}/ready`);
  const isReady = async () => (await readiness()).ok;
  try {
    await eventually(
      `the proxy to be ${until}`,
      START_MS,
      async () => (await isReady()) || until !== 'ready',
    );
  } catch (cause) {
    const end = (await log().catch(() => '')).slice(-2_000);
    await child.stop();
    throw new Error(`the proxy does not start: ${end}`, { cause });
  }
  const metrics = async () => (await fetch(`${management}/metrics`)).text();
  return {
    pid,
    port,
    metrics,
    isReady,
    bucket: async () => readinessReportSchema.parse(await (await readiness()).json()).bucket,
    async pool() {
      const text = await metrics();
      const value = (series: string) =>
        Number(new RegExp(`^s3proxy_store_${series} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
      return {
        busy: value('connections\\{state="busy"\\}'),
        idle: value('connections\\{state="idle"\\}'),
        queued: value('queued_requests'),
      };
    },
    async memory() {
      const statuses = await Promise.all(
        processTree(pid).map((each) => readFile(`/proc/${each}/status`, 'utf8').catch(() => '')),
      );
      const bytes = (field: string) =>
        statuses.reduce(
          (sum, text) =>
            sum + 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0),
          0,
        );
      return { rss: bytes('VmRSS'), peak: bytes('VmHWM') };
    },
    openFiles: async () => (await readdir(`/proc/${pid}/fd`)).length,
    async connectionsTo(to, of = processTree(pid)) {
      const inodes = await Promise.all(of.map(socketInodes));
      const own = new Set(inodes.flatMap((each) => [...each]));
      const remote = `:${to.toString(16).toUpperCase().padStart(4, '0')}`;
      const table = await readFile(`/proc/${pid}/net/tcp`, 'utf8');
      return table.split('\n').filter((line) => {
        const fields = line.trim().split(/\s+/);
        return fields[2]?.endsWith(remote) && own.has(fields[9] ?? '');
      }).length;
    },
    log,
    isAlive: () => child.pid !== undefined && isRunning(pid),
    stop: () => child.stop(),
  };
}

/** The kernel's table of connections is for all processes alike; this tells which of them one process has open. */
async function socketInodes(pid: number): Promise<Set<string>> {
  const directory = `/proc/${pid}/fd`;
  const files = await readdir(directory).catch(() => []);
  const links = await Promise.all(files.map((file) => readlink(join(directory, file)).catch(() => '')));
  return new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ''));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
