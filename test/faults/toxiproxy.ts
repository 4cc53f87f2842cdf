import { binary } from '../../hack/cluster/binaries/binary.ts';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { supervise } from '../../hack/cluster/control-plane/supervisor.ts';
import { eventually } from './eventually.ts';

const START_MS = 30_000;

/** One fault as Toxiproxy knows it; times in milliseconds, rates in KB/s. Its manual explains each. */
export type Toxic =
  | { type: 'latency'; attributes: { latency: number; jitter: number } }
  | { type: 'bandwidth'; attributes: { rate: number } }
  | { type: 'slow_close'; attributes: { delay: number } }
  | { type: 'timeout'; attributes: { timeout: number } }
  | { type: 'reset_peer'; attributes: { timeout: number } }
  | { type: 'slicer'; attributes: { average_size: number; size_variation: number; delay: number } }
  | { type: 'limit_data'; attributes: { bytes: number } };

/** A real Toxiproxy with one route through it. */
export interface Toxiproxy {
  /** Where the route begins. */
  readonly port: number;
  /** Puts faults on the bytes that come from upstream, in this order, instead of those before. */
  spoil(...toxics: readonly Toxic[]): Promise<void>;
  /** Takes all faults away. */
  heal(): Promise<void>;
  /** Cuts the route: connections are closed and none is taken, until `heal`. */
  cut(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param directory takes its log
 * @param upstreamPort where the route leads to, on loopback
 */
export async function startToxiproxy(directory: string, upstreamPort: number): Promise<Toxiproxy> {
  const [apiPort = 0, port = 0] = await freePorts(2);
  const api = `http://127.0.0.1:${apiPort}`;
  const child = supervise(
    'toxiproxy',
    await binary('toxiproxy'),
    ['-host', '127.0.0.1', '-port', String(apiPort)],
    { logs: directory, restart: false, env: { PATH: process.env.PATH, LOG_LEVEL: 'warn' } },
  );
  async function call(path: string, body?: object): Promise<void> {
    const answer = await fetch(api + path, { method: 'POST', body: JSON.stringify(body ?? {}) });
    if (!answer.ok) throw new Error(`Toxiproxy: ${path}: ${answer.status} ${await answer.text()}`);
  }
  await eventually('Toxiproxy', START_MS, async () => (await fetch(`${api}/version`)).ok);
  const upstream = `127.0.0.1:${upstreamPort}`;
  await call('/proxies', { name: 'store', listen: `127.0.0.1:${port}`, upstream, enabled: true });
  return {
    port,
    async spoil(...toxics) {
      await call('/reset');
      for (const [index, toxic] of toxics.entries()) {
        await call('/proxies/store/toxics', { name: `toxic-${index}`, stream: 'downstream', ...toxic });
      }
    },
    heal: () => call('/reset'),
    cut: () => call('/proxies/store', { enabled: false }),
    stop: () => child.stop(),
  };
}
