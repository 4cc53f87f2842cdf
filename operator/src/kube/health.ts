import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** Undefined when well, else a sentence that says what is wrong. */
export type HealthCheck = () => string | undefined | Promise<string | undefined>;

export interface HealthServerOptions {
  /** 0 chooses a free one. */
  port: number;
  host?: string | undefined;
  registry: Registry;
  /** By name. A failing live check has the kubelet restart the container, so keep to what a restart mends. */
  live?: Readonly<Record<string, HealthCheck>> | undefined;
  ready?: Readonly<Record<string, HealthCheck>> | undefined;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

async function runChecks(
  checks: Readonly<Record<string, HealthCheck>>,
): Promise<[string, string | undefined][]> {
  return Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, string | undefined]> => {
      try {
        return [name, await check()];
      } catch (error) {
        return [name, error instanceof Error ? error.message : String(error)];
      }
    }),
  );
}

async function answer(
  response: ServerResponse,
  checks: Readonly<Record<string, HealthCheck>>,
): Promise<void> {
  const results = await runChecks(checks);
  const well = results.every(([, problem]) => problem === undefined);
  const lines = results.map(([name, problem]) =>
    problem === undefined ? `[+] ${name}` : `[-] ${name}: ${problem}`,
  );
  response.writeHead(well ? 200 : 503, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(`${[...lines, well ? 'ok' : 'not ok'].join('\n')}\n`);
}

/** Serves `/healthz`, `/readyz` and `/metrics` (Prometheus text). Rejects when the port is taken. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { registry, live = {}, ready = {} } = options;
  const server: Server = createServer(async (request, response) => {
    try {
      switch (request.url?.split('?', 1)[0]) {
        case '/healthz':
          return await answer(response, live);
        case '/readyz':
          return await answer(response, ready);
        case '/metrics': {
          const text = await registry.metrics();
          response.writeHead(200, { 'content-type': registry.contentType });
          response.end(text);
          return;
        }
        default:
          response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
          response.end('not found; there are /healthz, /readyz and /metrics\n');
      }
    } catch {
      response.destroy();
    }
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
