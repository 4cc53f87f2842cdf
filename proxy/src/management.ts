import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';
import type { ReadinessReport } from './report.ts';

/** The management port: `/ready` (200 or 503, body of report.ts) and `/metrics`. Never behind the Ingress. */
export function createManagementServer(report: () => ReadinessReport, registry: Registry): Server {
  return createServer(async (request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path === '/ready') {
      const body = report();
      response.writeHead(body.ready ? 200 : 503, { 'Content-Type': 'application/json' });
      response.end(`${JSON.stringify(body)}\n`);
    } else if (path === '/metrics') {
      response.writeHead(200, { 'Content-Type': registry.contentType });
      response.end(await registry.metrics());
    } else {
      response.writeHead(404, { 'Content-Type': 'text/plain' });
      response.end('Not Found\n');
    }
  });
}
