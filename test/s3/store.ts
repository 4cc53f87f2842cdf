import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
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

export interface Store {
  bucket: string;
  s3: S3Client;
  /** The proxy's environment for this bucket. */
  environment: Record<string, string>;
  /** Writes an object; further headers as the SDK names them. */
  put(key: string, body: string | Uint8Array, more?: Partial<PutObjectCommandInput>): Promise<void>;
  stop(): Promise<void>;
}

/** A real S3 server with an empty bucket, as a process on a free port of loopback. */
export async function startStore(): Promise<Store> {
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
    ['--port', `127.0.0.1:${port}`, '--keep-alive', '--quiet', 'posix', objects],
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
  const bucket = `bucket-${randomBytes(4).toString('hex')}`;
  try {
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
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
    stop,
  };
}
