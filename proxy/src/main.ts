import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { Authenticator } from './auth/authenticator.ts';
import { parseHtpasswd } from './auth/htpasswd.ts';
import { watchHtpasswd } from './auth/htpasswd-watch.ts';
import { compilePolicy } from './content/policy.ts';
import { Variants } from './content/variants.ts';
import { encodePath } from './http/percent-encoding.ts';
import { createManagementServer } from './management.ts';
import { createMetrics } from './metrics.ts';
import { readSettings } from './read-config.ts';
import { keepProbing, Readiness } from './readiness.ts';
import { credentialChain } from './s3/credential-chain.ts';
import { CredentialHolder } from './s3/credentials.ts';
import { resolveEndpoint } from './s3/endpoint.ts';
import { createObjectLister } from './s3/object-lister.ts';
import { createObjectSource } from './s3/object-source.ts';
import { probeBucket } from './s3/probe.ts';
import { StoreClient } from './s3/store-client.ts';
import { Transport } from './s3/transport/transport.ts';
import { createHttpServer, createServerApp } from './server.ts';

async function main(): Promise<void> {
  const { config, content } = readSettings(process.env);
  const log = pino(
    { level: config.LOG_LEVEL, base: {} },
    pino.destination({ fd: 1, sync: false, minLength: 4096 }),
  );
  setInterval(() => log.flush(), 500).unref();
  const metrics = createMetrics();
  const client = new StoreClient({
    transport: new Transport({
      maxConnections: config.S3_MAX_CONNECTIONS,
      timeouts: {
        connect: config.S3_CONNECT_TIMEOUT_SECONDS * 1000,
        headers: config.S3_RESPONSE_TIMEOUT_SECONDS * 1000,
        idleBody: config.S3_IDLE_TIMEOUT_SECONDS * 1000,
        keepAlive: 10_000,
        queue: config.S3_RESPONSE_TIMEOUT_SECONDS * 1000,
      },
    }),
    endpointIn: (region) =>
      resolveEndpoint({
        bucket: config.S3_BUCKET,
        region,
        endpoint: config.AWS_ENDPOINT_URL_S3,
        forcePathStyle: config.S3_FORCE_PATH_STYLE,
      }),
    region: config.AWS_REGION,
    credentials: new CredentialHolder(credentialChain(process.env)),
    requestPayer: config.S3_REQUEST_PAYER,
    maxAttempts: config.S3_MAX_ATTEMPTS,
    onAttempt: (result) => metrics.storeCalls.inc({ result }),
  });

  let authenticator: Authenticator | undefined;
  if (config.AUTH_HTPASSWD_FILE !== undefined) {
    const text = readFileSync(config.AUTH_HTPASSWD_FILE, 'utf8');
    const file = parseHtpasswd(text);
    const users = new Authenticator(file.hashes);
    authenticator = users;
    warnAboutUsers(log, file.faults, file.hashes.size);
    watchHtpasswd(
      config.AUTH_HTPASSWD_FILE,
      text,
      ({ hashes, faults }) => {
        users.replaceUsers(hashes);
        log.info({ users: hashes.size }, 'users reloaded');
        warnAboutUsers(log, faults, hashes.size);
      },
      (err) => log.warn({ err }, 'the htpasswd file cannot be read; the users known so far stay'),
    );
  }

  const readiness = new Readiness();
  const stop = new AbortController();
  const encodedPrefix = encodePath(config.S3_PREFIX);
  const probing = keepProbing(
    () => probeBucket(client, encodedPrefix),
    (report) => {
      const before = readiness.report().bucket;
      readiness.record(report);
      metrics.bucketReachable.set({ True: 1, False: 0, Unknown: -1 }[report.reachable]);
      if (before.reason !== report.reason) {
        log[report.reachable === 'True' ? 'info' : 'warn']({ bucket: report }, 'bucket probed');
      }
    },
    stop.signal,
  );

  const policy = compilePolicy(content);
  const server = createHttpServer(
    createServerApp({
      site: {
        source: createObjectSource(client),
        lister: createObjectLister(client),
        policy,
        variants: new Variants(policy),
        prefix: config.S3_PREFIX,
      },
      authenticator,
      realm: config.AUTH_REALM,
      metrics,
      log,
      accessLog: config.ACCESS_LOG,
    }),
  );
  const management = createManagementServer(() => readiness.report(), metrics.registry);
  await Promise.all([listen(server, config.PORT), listen(management, config.MANAGEMENT_PORT)]);
  log.info({ port: config.PORT, managementPort: config.MANAGEMENT_PORT }, 'listening');

  const signal = await firstSignal();
  log.info({ signal }, 'draining');
  readiness.drain();
  await delay(config.SHUTDOWN_DELAY_SECONDS * 1000);
  await Promise.race([
    close(server),
    delay(config.SHUTDOWN_TIMEOUT_SECONDS * 1000, undefined, { ref: false }),
  ]);
  stop.abort();
  await probing;
  log.info('stopped');
  log.flush(() => process.exit(0));
}

function warnAboutUsers(log: pino.Logger, faults: readonly string[], users: number): void {
  if (faults.length > 0) log.warn({ faults }, 'some lines of the htpasswd file are left out');
  if (users === 0) log.warn('the htpasswd file has no usable line: every request is refused');
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
  setImmediate(() => process.exit(1));
});
