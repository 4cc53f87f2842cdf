import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { DemoEnvironment } from '../../hack/demo/environment-file.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** SHA-256 of the body in hex. */
  sha256: string;
}

export interface Call {
  path: string;
  method?: string;
  /** "user:password"; undefined sends none. */
  auth?: string | undefined;
  headers?: Record<string, string>;
  /** false: the body is only hashed, for one that is large. */
  keepBody?: boolean;
}

/**
 * A client of the demo's Ingress as a browser would be one: it trusts the generated certificate authority alone and finds the
 * host name at the Ingress's address. Each request has a connection of its own.
 */
export function ingressClient(
  demo: Pick<DemoEnvironment, 'URL' | 'CA_FILE' | 'RESOLVE'> & {
    /** PEM of the certificate authority, where it is not that of CA_FILE. */
    readCa?: () => string;
  },
) {
  const url = new URL(demo.URL);
  const [, port, address = ''] = /^[^:]+:(\d+):(.+)$/.exec(demo.RESOLVE) ?? [];
  const options = (call: Call): RequestOptions => ({
    host: address,
    port,
    servername: url.hostname,
    ca: demo.readCa?.() ?? readFileSync(demo.CA_FILE),
    agent: false,
    method: call.method ?? 'GET',
    path: call.path,
    ...(call.auth !== undefined && { auth: call.auth }),
    headers: { host: url.host, ...call.headers },
  });

  return {
    options,
    /** Rejects when the connection breaks before the whole body came. */
    get: (call: Call): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const outgoing = request(options(call), (response) => {
          const chunks: Buffer[] = [];
          const hash = createHash('sha256');
          response.on('data', (chunk: Buffer) => {
            hash.update(chunk);
            if (call.keepBody !== false) chunks.push(chunk);
          });
          response.once('error', reject);
          response.once('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks),
              sha256: hash.digest('hex'),
            });
          });
        });
        outgoing.once('error', reject);
        outgoing.end();
      }),
    /** Reads some of the body, then hangs up. Resolves with the number of bytes read. */
    hangUpAfter: (call: Call, bytes: number): Promise<number> =>
      new Promise((resolve, reject) => {
        const outgoing = request(options(call), (response) => {
          let seen = 0;
          response.on('data', (chunk: Buffer) => {
            seen += chunk.length;
            if (seen >= bytes) {
              outgoing.destroy();
              resolve(seen);
            }
          });
          response.once('error', () => resolve(seen));
          response.once('end', () => resolve(seen));
        });
        outgoing.once('error', reject);
        outgoing.end();
      }),
  };
}
