import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { type Supervised, supervise } from '../../hack/cluster/control-plane/supervisor.ts';

export interface PublishedBucket {
  bucket: string;
  s3: S3Client;
  /** Where the proxy serves, without a trailing slash. */
  url: string;
  stop(): Promise<void>;
}

const START_MS = 30_000;

/** A real S3 server with an empty bucket, and a proxy in front of it, both as processes on free ports of loopback. */
export async function publishBucket(environment: Record<string, string> = {}): Promise<PublishedBucket> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-s3-'));
  const [s3Port = 0, port = 0, managementPort = 0] = await freePorts(3);
  const keys = {
    accessKeyId: randomBytes(8).toString('hex'),
    secretAccessKey: randomBytes(16).toString('hex'),
  };
  const endpoint = `http://127.0.0.1:${s3Port}`;
  const logs = { logs: directory, restart: false };
  const running: Supervised[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((each) => each.stop()));
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const store = join(directory, 'store');
    await mkdir(store);
    running.push(
      supervise(
        'versitygw',
        await binary('versitygw'),
        ['--port', `127.0.0.1:${s3Port}`, '--keep-alive', '--quiet', 'posix', store],
        {
          ...logs,
          env: {
            PATH: process.env.PATH,
            ROOT_ACCESS_KEY: keys.accessKeyId,
            ROOT_SECRET_KEY: keys.secretAccessKey,
          },
        },
      ),
    );
    const s3 = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: keys,
      maxAttempts: 10,
    });
    const bucket = `bucket-${randomBytes(4).toString('hex')}`;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const program = join(import.meta.dirname, '..', '..', 'proxy', 'src', 'main.ts');
    running.push(
      supervise('proxy', process.execPath, [program], {
        ...logs,
        env: {
          PATH: process.env.PATH,
          S3_BUCKET: bucket,
          S3_FORCE_PATH_STYLE: 'true',
          AWS_ENDPOINT_URL_S3: endpoint,
          AWS_ACCESS_KEY_ID: keys.accessKeyId,
          AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
          PORT: String(port),
          MANAGEMENT_PORT: String(managementPort),
          ...environment,
        },
      }),
    );
    await ready(`http://127.0.0.1:${managementPort}/ready`);
    return { bucket, s3, url: `http://127.0.0.1:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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
