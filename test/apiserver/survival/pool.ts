import { Agent, type Dispatcher } from 'undici';
import type { CredentialSource } from '../../../operator/src/kube/connection.ts';

/** Connections to the API server that outlive the operators of the tests: a TLS handshake for each would be most of the work. */
export interface Pool {
  server: URL;
  headers: Record<string, string>;
  calls: Dispatcher;
  watches: Dispatcher;
  close(): Promise<void>;
}

export async function openPool(credentials: CredentialSource): Promise<Pool> {
  const { headers, ca, cert, key } = await credentials.load(false);
  const options: Agent.Options = {
    connect: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 60_000,
  };
  const calls = new Agent({ ...options, connections: 64 });
  // Streams of one connection: an operator that starts needs fourteen watches.
  const watches = new Agent({ ...options, allowH2: true, connections: 4, maxConcurrentStreams: 1000 });
  return {
    server: credentials.server,
    headers,
    calls,
    watches,
    async close() {
      await Promise.all([calls.destroy(), watches.destroy()]);
    },
  };
}
