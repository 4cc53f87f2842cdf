import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { Authenticator } from './auth/authenticator.ts';
import { createClientAddress } from './auth/client-address.ts';
import { Gate } from './auth/gate.ts';
import type { HtpasswdFile } from './auth/htpasswd.ts';
import { watchHtpasswd } from './auth/htpasswd-watch.ts';
import { ThreadedPasswordChecker } from './auth/password-checker.ts';
import { Throttle } from './auth/throttle.ts';
import { CachedSource, type LookUp } from './cache/cached-source.ts';
import type { ProxyConfig } from './config.ts';
import { compilePolicy } from './content/policy.ts';
import { Variants } from './content/variants.ts';
import { CredentialLog } from './credential-log.ts';
import { createHttpServer } from './http-server.ts';
import { limitsFrom } from './limits.ts';
import { createMetrics } from './metrics.ts';
import { processCount } from './process-count.ts';
import type { Settings } from './read-config.ts';
import { createObjectLister } from './s3/object-lister.ts';
import { createObjectSource, type RevalidatingSource } from './s3/object-source.ts';
import type { StoreClient } from './s3/store-client.ts';
import { createRequestHandling } from './server.ts';
import { createStore } from './store.ts';
import type { Tracing } from './tracing/tracing.ts';

/** What a process needs from outside to serve. */
export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  log: Logger;
  registry: Registry;
  /** Makes spans of requests, where traces are wanted. */
  tracing?: Tracing | undefined;
  /** Entry file of the program, for threads of its own. */
  program: URL;
}

/** The serving half of the proxy: everything behind port 5000. */
export interface Application {
  server: Server;
  client: StoreClient;
  /** Stops what goes on in the background; the server is closed already. */
  dispose(): void;
}

export function createApplication({ config, content }: Settings, surroundings: Surroundings): Application {
  const { environment, log, registry, tracing, program } = surroundings;
  const store = createStore(config, environment, {
    onAttempt: (result) => metrics.storeRequests(result).add(),
    credentials: new CredentialLog(log),
  });
  const bare = createObjectSource(store.client, () => metrics.resumedBodies.inc());
  const cache = createCache(config, bare, (result) => metrics.cacheRequests(result).add());
  const metrics = createMetrics(registry, {
    pool: () => store.transport.stats(),
    cache: () => cache?.stats() ?? { objects: 0, bytes: 0 },
  });
  const policy = compilePolicy(content);
  const auth = createGate(config, log, program);
  const { listener, app } = createRequestHandling({
    site: {
      source: cache ?? bare,
      cache,
      lister: createObjectLister(store.client),
      policy,
      variants: new Variants(policy),
      prefix: config.S3_PREFIX,
    },
    gate: auth?.gate,
    metrics,
    tracing,
    log,
    accessLog: config.ACCESS_LOG && log.isLevelEnabled('info'),
  });
  return {
    server: createHttpServer(app, limitsFrom(config), listener),
    client: store.client,
    dispose() {
      auth?.stop();
      store.transport.destroy();
    },
  };
}

function createCache(
  config: ProxyConfig,
  source: RevalidatingSource,
  onLookUp: (result: LookUp) => void,
): CachedSource | undefined {
  // The memory is the pod's: processes that serve side by side have equal parts of it.
  const maxBytes = Math.floor(config.CACHE_MAX_BYTES / processCount(config));
  if (maxBytes === 0) return undefined;
  return new CachedSource(source, {
    maxBytes,
    maxObjectBytes: config.CACHE_MAX_OBJECT_BYTES,
    rules: {
      fresh: config.CACHE_TTL_SECONDS * 1000,
      staleWhileRevalidate: config.CACHE_STALE_WHILE_REVALIDATE_SECONDS * 1000,
      staleIfError: config.CACHE_STALE_IF_ERROR_SECONDS * 1000,
    },
    onLookUp,
  });
}

function createGate(
  config: ProxyConfig,
  log: Logger,
  program: URL,
): { gate: Gate; stop(): void } | undefined {
  if (config.AUTH_HTPASSWD_FILE === undefined) return undefined;
  const watch = watchHtpasswd(config.AUTH_HTPASSWD_FILE, {
    onChange(file) {
      authenticator.replaceUsers(file.hashes);
      logUsers(log, file);
    },
    onError: (err) => log.warn({ err }, 'the htpasswd file cannot be read; the users known so far stay'),
  });
  logUsers(log, watch.initial);
  const checker = new ThreadedPasswordChecker(program);
  const authenticator = new Authenticator(watch.initial.hashes, checker);
  const gate = new Gate(
    authenticator,
    new Throttle(),
    createClientAddress(config.TRUSTED_PROXIES),
    config.AUTH_REALM,
  );
  return {
    gate,
    stop() {
      watch.stop();
      void checker.stop();
    },
  };
}

function logUsers(log: Logger, { hashes, faults }: HtpasswdFile): void {
  if (faults.length > 0) log.warn({ faults }, 'some lines of the htpasswd file are left out');
  if (hashes.size === 0) log.warn('the htpasswd file has no usable line: every request is refused');
  else log.info({ users: hashes.size }, 'users read');
}
