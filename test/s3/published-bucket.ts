import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { supervise } from '../../hack/cluster/control-plane/supervisor.ts';
import { type Store, startStore } from './store.ts';

export interface PublishedBucket {
  bucket: string;
  s3: S3Client;
  /** Where the proxy serves, without a trailing slash. */
  url: string;
  stop(): Promise<void>;
}

const START_MS = 30_000;
const PROGRAM = join(import.meta.dirname, '..', '..', 'proxy', 'src', 'main.ts');

/** A real S3 server with an empty bucket, and a proxy in front of it, both as processes on free ports of loopback. */
export async function publishBucket(environment: Record<string, string> = {}): Promise<PublishedBucket> {
  const store = await startStore();
  try {
    const { url, stop } = await startProxy(store, environment);
    return {
      bucket: store.bucket,
      s3: store.s3,
      url,
      async stop() {
        await stop();
        await store.stop();
      },
    };
  } catch (error) {
    await store.stop();
    throw error;
  }
}

async function startProxy(
  store: Store,
  environment: Record<string, string>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-proxy-'));
  const [port = 0, managementPort = 0] = await freePorts(2);
  const proxy = supervise('proxy', process.execPath, [PROGRAM], {
    logs: directory,
    restart: false,
    env: {
      PATH: process.env.PATH,
      ...store.environment,
      PORT: String(port),
      MANAGEMENT_PORT: String(managementPort),
      ...environment,
    },
  });
  const stop = async (): Promise<void> => {
    await proxy.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await ready(`http://127.0.0.1:${managementPort}/ready`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}

async function ready(url: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const answer = await fetch(url).then(
      async (response) => (response.ok ? 'ready' : await response.text()),
      (error: Error) => String(error.cause ?? error),
    );
    if (answer === 'ready') return;
    if (performance.now() > deadline)
      throw new Error(`the proxy was not ready within ${START_MS / 1000} s: ${answer}`);
    await sleep(100);
  }
}
