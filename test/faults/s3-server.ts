import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { type Supervised, supervise } from '../../hack/cluster/control-plane/supervisor.ts';
import { eventually } from '../eventually.ts';

const START_MS = 30_000;

/** A real S3 server with one bucket. */
export interface S3Server {
  readonly port: number;
  readonly bucket: string;
  /** The proxy's environment for this bucket, but for the endpoint, which may be a detour. */
  readonly environment: Record<string, string>;
  put(key: string, body: Buffer): Promise<void>;
  /** Ends the process as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, with what it had. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** @param directory takes its data and its log */
export async function startS3Server(directory: string): Promise<S3Server> {
  const [port = 0] = await freePorts(1);
  const accessKeyId = randomBytes(8).toString('hex');
  const secretAccessKey = randomBytes(16).toString('hex');
  const bucket = `bucket-${randomBytes(8).toString('hex')}`;
  const data = join(directory, 'data');
  await mkdir(data, { recursive: true });
  const child: Supervised = supervise(
    'versitygw',
    await binary('versitygw'),
    ['--port', `127.0.0.1:${port}`, '--keep-alive', '--quiet', 'posix', data],
    {
      logs: directory,
      restart: false,
      env: { PATH: process.env.PATH, ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
    },
  );
  const s3 = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 10,
  });
  const ready = () => eventually('the S3 server', START_MS, () => isListening(port));
  await ready();
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    port,
    bucket,
    environment: {
      S3_BUCKET: bucket,
      S3_FORCE_PATH_STYLE: 'true',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    async put(key, body) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    kill: () => child.kill(),
    async start() {
      child.start();
      await ready();
    },
    async stop() {
      s3.destroy();
      await child.stop();
    },
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
