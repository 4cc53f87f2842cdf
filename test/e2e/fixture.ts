import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { ingressClient } from './ingress-client.ts';
import { kubectl } from './kubectl.ts';

/** Everything a test needs of the running demo. */
export async function demoFixture() {
  const demo = inject('demo');
  return {
    demo,
    directory: inject('demoDirectory'),
    namespace: demo.NAMESPACE,
    http: ingressClient(demo),
    auth: `${demo.AUTH_USER}:${demo.AUTH_PASSWORD}`,
    kubectl: kubectl(await binary('kubectl'), demo.KUBECONFIG),
    s3: new S3Client({
      endpoint: demo.AWS_ENDPOINT_URL,
      region: demo.AWS_REGION,
      forcePathStyle: true,
      credentials: { accessKeyId: demo.AWS_ACCESS_KEY_ID, secretAccessKey: demo.AWS_SECRET_ACCESS_KEY },
    }),
  };
}

export type Fixture = Awaited<ReturnType<typeof demoFixture>>;

/** The bytes of an object as the store itself gives them. */
export async function objectBytes({ s3, demo }: Fixture, key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: demo.S3_BUCKET, Key: key }));
  if (Body === undefined) throw new Error(`the store gave no body for ${key}`);
  return Buffer.from(await Body.transformToByteArray());
}
