import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Above the kubelet's own ports, and below the node ports and those that the kernel gives to outgoing connections (ip(7),
 * ip_local_port_range): a port found here stays free until it is listened on, and again while a program starts anew.
 */
const LOWEST = 11_000;
const HIGHEST = 29_999;
const ATTEMPTS = 100;

/**
 * Ports that nobody listens on now. Asked for together, they differ from each other.
 * @throws Error where the address is not of this machine, or no port can be had
 */
export async function freePorts(count: number, host = '127.0.0.1'): Promise<number[]> {
  const held = new Map<number, Server>();
  try {
    for (let attempt = 0; held.size < count; attempt++) {
      const port = randomInt(LOWEST, HIGHEST + 1);
      try {
        held.set(port, await hold(port, host));
      } catch (error) {
        const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
        if (!taken || attempt >= ATTEMPTS) throw error;
      }
    }
    return [...held.keys()];
  } finally {
    await Promise.all([...held.values()].map(release));
  }
}

/** Whether nobody listens on a port of this machine now. */
export async function isFree(port: number, host: string): Promise<boolean> {
  try {
    await release(await hold(port, host));
    return true;
  } catch {
    return false;
  }
}

async function hold(port: number, host: string): Promise<Server> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

function release(server: Server): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve));
}
