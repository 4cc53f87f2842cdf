import { createServer, type Server } from 'node:http';
import type { ReadinessReport } from './report.ts';

export interface ManagementOptions {
  report(): ReadinessReport;
  metrics(): Promise<{ contentType: string; text: string }>;
}

/**
 * The management port: `/ready` (200 or 503, body of report.ts), `/health` and `/metrics`. Never behind the Ingress.
 */
export function createManagementServer({ report, metrics }: ManagementOptions): Server {
  return createServer(async (request, response) => {
    const path = request.url?.split('?', 1)[0];
    try {
      if (path === '/ready') {
        const body = report();
        response.writeHead(body.ready ? 200 : 503, {
          'Content-Type': 'application/json',
          'Cache-Control': 'no-store',
        });
        response.end(`${JSON.stringify(body)}\n`);
      } else if (path === '/metrics') {
        const { contentType, text } = await metrics();
        response.writeHead(200, { 'Content-Type': contentType }).end(text);
      } else if (path === '/health') {
        response.writeHead(200, { 'Content-Type': 'text/plain' }).end('ok\n');
      } else {
        response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not Found\n');
      }
    } catch (error) {
      response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${String(error)}\n`);
    }
  });
}
