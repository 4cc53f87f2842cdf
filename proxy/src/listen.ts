import type { Server } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { delivered } from './undelivered.ts';

/**
 * Starts listening and resolves with the port, which the system chooses for 0.
 * @throws Error when the port cannot be had
 */
export function listen(server: NetServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** While a server closes, connections that have nothing more to answer are looked for this often (milliseconds). */
const CLOSE_IDLE_EVERY_MS = 100;

/**
 * Takes a server out of service without failing a request: it goes on answering for a while, then it stops listening. Resolves when the
 * last answer has come to its client.
 * @param delayMs milliseconds until it stops listening
 * @param timeoutMs milliseconds that requests under way have from then on
 */
export async function drain(server: Server, delayMs: number, timeoutMs: number): Promise<void> {
  const { port } = server.address() as AddressInfo;
  partWithClients(server);
  await delay(delayMs);
  const closing = performance.now();
  await closeGracefully(server, timeoutMs);
  await delivered(port, timeoutMs - (performance.now() - closing));
}

/** From now on each answer is the last of its connection and says so: clients go elsewhere by themselves, before they must. */
export function partWithClients(server: Server): void {
  // Before those who answer: an answer may go out at once.
  server.prependListener('request', (_, response) => {
    response.shouldKeepAlive = false;
  });
}

/**
 * Stops listening and resolves when the last request has been answered, or after the time given, when those left are cut.
 * @param timeoutMs milliseconds
 */
export function closeGracefully(server: Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), timeoutMs);
    // Node closes only what is idle now, not what becomes idle later; that would hold up the end until it is cut.
    const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    server.close(() => {
      clearTimeout(late);
      clearInterval(idle);
      resolve();
    });
  });
}
