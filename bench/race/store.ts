import { createHash, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { type Running, start, untilReady } from './running.ts';

/** How programs reach the store: the variables that the AWS SDKs read. */
export type StoreEnvironment = Record<
  'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_REGION' | 'AWS_ENDPOINT_URL_S3' | 'S3_BUCKET',
  string
>;

export interface StoredObject {
  key: string;
  bytes: number;
  sha256: string;
  /** URL that needs no credentials, valid for longer than any race. */
  presignedUrl: string;
}

export interface Store {
  running: Running;
  environment: StoreEnvironment;
  objects: readonly StoredObject[];
}

const BUCKET = 'bench';
const REGION = 'us-east-1';
const PRESIGNED_SECONDS = 12 * 60 * 60;

/**
 * Starts an S3 server on loopback with one bucket that holds an object of each size, filled with random bytes.
 * @param directory an empty directory for its data
 */
export async function startStore(
  versitygw: string,
  sizes: readonly number[],
  options: { directory: string; logs: string; processors: string },
): Promise<Store> {
  const [port] = await freePorts(1);
  const data = join(options.directory, 'store');
  await mkdir(data);
  const environment: StoreEnvironment = {
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: randomBytes(20).toString('hex'),
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
    S3_BUCKET: BUCKET,
  };
  // --keep-alive: off by default, which would have every proxy open a connection for each request.
  const running = start(
    versitygw,
    ['--port', `127.0.0.1:${port}`, '--region', REGION, '--keep-alive', '--quiet', 'posix', data],
    {
      name: 'store',
      logs: options.logs,
      processors: options.processors,
      env: {
        ...process.env,
        ROOT_ACCESS_KEY: environment.AWS_ACCESS_KEY_ID,
        ROOT_SECRET_KEY: environment.AWS_SECRET_ACCESS_KEY,
      },
    },
  );
  const client = new S3Client({
    region: REGION,
    endpoint: environment.AWS_ENDPOINT_URL_S3,
    forcePathStyle: true,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    },
  });
  try {
    await untilReady(running, 'the store', () =>
      client.send(new CreateBucketCommand({ Bucket: BUCKET })).then(() => true),
    );
    const objects: StoredObject[] = [];
    for (const size of sizes) objects.push(await putObject(client, size));
    return { running, environment, objects };
  } finally {
    client.destroy();
  }
}

async function putObject(client: S3Client, bytes: number): Promise<StoredObject> {
  const key = `object-${bytes}.bin`;
  const body = randomBytes(bytes);
  const object = { Bucket: BUCKET, Key: key };
  await client.send(new PutObjectCommand({ ...object, Body: body, ContentType: 'application/octet-stream' }));
  return {
    key,
    bytes,
    sha256: createHash('sha256').update(body).digest('hex'),
    presignedUrl: await getSignedUrl(client, new GetObjectCommand(object), { expiresIn: PRESIGNED_SECONDS }),
  };
}
