import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { step } from '../cluster/progress.ts';

const SAMPLES = join(import.meta.dirname, '..', 'samples');
const BUCKET = 'pictures';
const TYPES: Readonly<Record<string, string>> = { jpg: 'image/jpeg', png: 'image/png' };

export interface S3Access {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Makes the bucket and puts the sample pictures into it. Done again, it changes nothing. @returns the bucket's name. */
export async function fillBucket(access: S3Access): Promise<string> {
  const client = new S3Client({
    endpoint: access.endpoint,
    region: access.region,
    forcePathStyle: true,
    credentials: { accessKeyId: access.accessKeyId, secretAccessKey: access.secretAccessKey },
    maxAttempts: 10,
  });
  const pictures = (await readdir(SAMPLES)).filter((name) => TYPES[extension(name)] !== undefined);
  await step(`putting ${pictures.length} pictures into the bucket ${BUCKET}`, async () => {
    await client.send(new CreateBucketCommand({ Bucket: BUCKET })).catch((error: Error) => {
      if (!['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes(error.name)) throw error;
    });
    for (const name of pictures) {
      const Body = await readFile(join(SAMPLES, name));
      const ContentType = TYPES[extension(name)];
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: name, Body, ContentType }));
    }
  });
  client.destroy();
  return BUCKET;
}

function extension(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
