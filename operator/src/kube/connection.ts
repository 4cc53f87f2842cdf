import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { type Clock, systemClock } from './clock.ts';

/** What a connection is made with. Everything here may change while the process runs: tokens and certificates rotate. */
export interface Credentials {
  /** Sent with every request, such as `authorization`. */
  headers: Record<string, string>;
  /** PEM. Absent: the system's trusted authorities. */
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  passphrase?: string | undefined;
  /** Name checked in the server's certificate when it is not the URL's host. */
  serverName?: string | undefined;
  /** Only on explicit request in the kubeconfig. */
  skipTlsVerify?: boolean | undefined;
}

/** Where credentials come from, such as a kubeconfig or the files in a pod. */
export interface CredentialSource {
  /** Base URL; its path, if any, prefixes every request. */
  readonly server: URL;
  readonly proxyUrl?: string | undefined;
  /** Reads the credentials; `renew` is set after the server answered 401, to bypass any cache. */
  load(renew: boolean): Promise<Credentials>;
}

export interface Route {
  /** For calls: a bounded pool. */
  calls: Dispatcher;
  /** For watches: each holds a connection for minutes, so they must not use up the calls' pool. */
  watches: Dispatcher;
  headers: Record<string, string>;
}

/** The way to one API server, shared by everything in the process. */
export interface Connection {
  readonly server: URL;
  route(): Promise<Route>;
  /** The server refused the credentials: load new ones for the next route. */
  refused(): void;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  /** Connections for calls at a time. Default `DEFAULT_CONNECTIONS`. */
  maxConnections?: number | undefined;
  /** How long loaded credentials are used before they are read again. Default 30 s. */
  credentialsTtlMs?: number | undefined;
  clock?: Clock | undefined;
}

/** As many as there are workers by default. */
export const DEFAULT_CONNECTIONS = 16;

const KEEP_ALIVE_MS = 60_000;

/** TCP probes before common load balancers drop an idle connection (AWS NLB: 350 s, ELB: 60 s). */
const TCP_KEEP_ALIVE_DELAY_MS = 30_000;

const CONNECT_TIMEOUT_MS = 10_000;

function createDispatcher(
  source: CredentialSource,
  credentials: Credentials,
  maxConnections: number | null,
): Dispatcher {
  const tls = {
    ...(credentials.ca === undefined ? {} : { ca: credentials.ca }),
    ...(credentials.cert === undefined ? {} : { cert: credentials.cert }),
    ...(credentials.key === undefined ? {} : { key: credentials.key }),
    ...(credentials.passphrase === undefined ? {} : { passphrase: credentials.passphrase }),
    ...(credentials.serverName === undefined ? {} : { servername: credentials.serverName }),
    ...(credentials.skipTlsVerify === true ? { rejectUnauthorized: false } : {}),
  };
  const common = {
    connections: maxConnections,
    // Measured against kube-apiserver: no slower than HTTP/2, and one stalled connection stalls one request only.
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Deadlines are the client's own: they cover queueing and retries too.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (source.proxyUrl !== undefined) {
    return new ProxyAgent({ ...common, uri: source.proxyUrl, requestTls: tls });
  }
  return new Agent({
    ...common,
    connect: {
      ...tls,
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_DELAY_MS,
    },
  });
}

/** Whether both lead to the same TLS settings, so that the open connections may stay. */
function sameTls(a: Credentials, b: Credentials): boolean {
  return (
    a.ca === b.ca &&
    a.cert === b.cert &&
    a.key === b.key &&
    a.passphrase === b.passphrase &&
    a.serverName === b.serverName &&
    a.skipTlsVerify === b.skipTlsVerify
  );
}

/** Opens nothing yet: the first request does. */
export function createConnection(source: CredentialSource, options: ConnectionOptions = {}): Connection {
  const { maxConnections = DEFAULT_CONNECTIONS, credentialsTtlMs = 30_000, clock = systemClock } = options;
  let current: { credentials: Credentials; route: Route; loadedAt: number } | undefined;
  let loading: Promise<Route> | undefined;
  let stale = false;
  let closed = false;

  async function reload(): Promise<Route> {
    const renew = stale;
    const credentials = await source.load(renew);
    if (closed) throw new Error('the connection is closed');
    stale = false;
    const previous = current;
    const keep = previous !== undefined && sameTls(previous.credentials, credentials);
    const route: Route = {
      calls: keep ? previous.route.calls : createDispatcher(source, credentials, maxConnections),
      watches: keep ? previous.route.watches : createDispatcher(source, credentials, null),
      headers: credentials.headers,
    };
    current = { credentials, route, loadedAt: clock.elapsed() };
    if (previous !== undefined && !keep) {
      // Close lets calls and watches under way finish; new ones take the new certificates.
      void previous.route.calls.close().catch(() => undefined);
      void previous.route.watches.close().catch(() => undefined);
    }
    return route;
  }

  return {
    server: source.server,
    async route() {
      if (current !== undefined && !stale && clock.elapsed() - current.loadedAt < credentialsTtlMs) {
        return current.route;
      }
      loading ??= reload().finally(() => {
        loading = undefined;
      });
      return loading;
    },
    refused() {
      stale = true;
    },
    async close() {
      closed = true;
      const route = current?.route;
      current = undefined;
      await Promise.all([route?.calls.destroy(), route?.watches.destroy()]);
    },
  };
}
