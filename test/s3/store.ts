import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { supervise } from '../../hack/cluster/control-plane/supervisor.ts';
import { eventually } from '../eventually.ts';

const START_MS = 30_000;

export interface Store {
  /** On 127.0.0.1. */
  port: number;
  bucket: string;
  s3: S3Client;
  /** The proxy's environment for this bucket. */
  environment: Record<string, string>;
  /** Writes an object; further headers as the SDK names them. */
  put(key: string, body: string | Uint8Array, more?: Partial<PutObjectCommandInput>): Promise<void>;
  /** Ends the process as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, with what it had. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A real S3 server with an empty bucket, as a process on a free port of loopback.
 * @param domain also takes the bucket as a host below this domain, as AWS does
 */
export async function startStore(domain?: string): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-s3-'));
  const [port = 0] = await freePorts(1);
  const keys = {
    accessKeyId: randomBytes(8).toString('hex'),
    secretAccessKey: randomBytes(16).toString('hex'),
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const objects = join(directory, 'store');
  await mkdir(objects);
  const server = supervise(
    'versitygw',
    await binary('versitygw'),
    [
      ...['--port', `127.0.0.1:${port}`, '--keep-alive', '--quiet'],
      ...(domain === undefined ? [] : ['--virtual-domain', `${domain}:${port}`]),
      ...['posix', objects],
    ],
    {
      logs: directory,
      restart: false,
      env: {
        PATH: process.env.PATH,
        ROOT_ACCESS_KEY: keys.accessKeyId,
        ROOT_SECRET_KEY: keys.secretAccessKey,
      },
    },
  );
  const s3 = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: keys,
    maxAttempts: 10,
  });
  const stop = async (): Promise<void> => {
    s3.destroy();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const bucket = `bucket-${randomBytes(8).toString('hex')}`;
  const listening = () => eventually('the S3 server', START_MS, () => isListening(port));
  try {
    await listening();
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    bucket,
    s3,
    environment: {
      S3_BUCKET: bucket,
      S3_FORCE_PATH_STYLE: 'true',
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    },
    async put(key, body, more = {}) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...more }));
    },
    kill: () => server.kill(),
    async start() {
      server.start();
      await listening();
    },
    stop,
  };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
