import { binary } from '../../hack/cluster/binaries/binary.ts';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { supervise } from '../../hack/cluster/control-plane/supervisor.ts';
import { eventually } from '../eventually.ts';

const START_MS = 30_000;
/** An answer of its API takes a moment. */
const CALL_MS = 20_000;

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
  /** Address of the route's beginning. */
  readonly address: string;
  readonly port: number;
  /** Lets a new route begin there, with these faults on the bytes that come from upstream. Connections of the old one are closed. */
  spoil(...toxics: readonly Toxic[]): Promise<void>;
  /** Adds a fault to all connections, those under way included. */
  worsen(toxic: Toxic): Promise<void>;
  /** A new route without faults. */
  heal(): Promise<void>;
  /** No route: connections are closed and none is taken. */
  cut(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param directory takes its log
 * @param upstreamPort where the route leads to, on loopback
 */
export async function startToxiproxy(directory: string, upstreamPort: number): Promise<Toxiproxy> {
  const [apiPort = 0] = await freePorts(1);
  // The route is taken away and made anew again and again. At an address of its own its port cannot get lost to a connection of somebody
  // else's in between.
  const address = '127.0.0.2';
  const [port = 0] = await freePorts(1, address);
  const api = `http://127.0.0.1:${apiPort}`;
  const child = supervise(
    'toxiproxy',
    await binary('toxiproxy'),
    ['-host', '127.0.0.1', '-port', String(apiPort)],
    { logs: directory, restart: false, env: { PATH: process.env.PATH, LOG_LEVEL: 'warn' } },
  );
  async function call(method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
    const answer = await fetch(api + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_MS),
    });
    if (!answer.ok) throw new Error(`Toxiproxy: ${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  async function spoil(...toxics: readonly Toxic[]): Promise<void> {
    // Not by taking faults away from connections that are there: Toxiproxy 2.5.0 locks itself up when one of them ends at that moment.
    await cut();
    const route = { name: 'store', listen: `${address}:${port}`, upstream: `127.0.0.1:${upstreamPort}` };
    await call('POST', '/proxies', { ...route, enabled: false });
    exists = true;
    for (const toxic of toxics) await worsen(toxic);
    await call('POST', '/proxies/store', { ...route, enabled: true });
  }
  async function worsen(toxic: Toxic): Promise<void> {
    await call('POST', '/proxies/store/toxics', { name: toxic.type, stream: 'downstream', ...toxic });
  }
  async function cut(): Promise<void> {
    if (exists) await call('DELETE', '/proxies/store');
    exists = false;
  }
  let exists = false;
  await eventually('Toxiproxy', START_MS, async () => (await fetch(`${api}/version`)).ok);
  await spoil();
  return { address, port, spoil, worsen, heal: spoil, cut, stop: () => child.stop() };
}
