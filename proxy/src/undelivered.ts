import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** The kernel's tables of this network namespace's connections, proc(5); absent outside of Linux. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const LOOK_EVERY_MS = 100;

/**
 * Waits until the kernel has delivered all that was written to connections of a local port, closed ones included. A process that ends
 * before leaves that to the kernel, but a pod's network goes with its last process: its clients would wait for ever for the rest.
 * @param timeoutMs milliseconds after which it resolves all the same
 */
export async function delivered(port: number, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const tables = await Promise.all(TABLES.map((path) => readFile(path, 'utf8').catch(() => '')));
    if (tables.every((table) => undelivered(table, port) === 0)) return;
    await delay(LOOK_EVERY_MS);
  }
}

/** Connections of a local port, in a table as the kernel writes it, that have bytes which their peer has not acknowledged. */
export function undelivered(table: string, port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').filter((line) => {
    const [, local = '', , state, queues = ''] = line.trim().split(/\s+/);
    return local.endsWith(suffix) && state !== LISTEN && Number.parseInt(queues, 16) > 0;
  }).length;
}

/** Of a listening socket the queue's column says something else. */
const LISTEN = '0A';
