import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { Agent } from 'undici';
import { environmentSchema } from '../../proxy/src/config.ts';
import { createObjectSource } from '../../proxy/src/s3/object-source.ts';
import { Operation } from '../../proxy/src/s3/operation.ts';
import { Signer } from '../../proxy/src/s3/signature.ts';
import { createStore } from '../../proxy/src/store.ts';
import type { StoreEnvironment } from '../race/store.ts';

/** Reads a whole object and gives the number of its bytes. */
export type Reader = (key: string) => Promise<number>;

/** Ways to read objects from the store, by name: the SDK's two handlers, our signature over undici, and what the proxy does. */
export const READERS: Readonly<Record<string, (environment: StoreEnvironment) => Reader>> = {
  'aws-sdk': (environment) => sdkReader(environment, {}),
  'aws-sdk-undici': (environment) => sdkReader(environment, { requestHandler: new UndiciHttpHandler() }),
  undici: undiciReader,
  ours: ourReader,
};

function credentialsOf({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }: StoreEnvironment) {
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
}

function sdkReader(environment: StoreEnvironment, handler: { requestHandler?: UndiciHttpHandler }): Reader {
  const client = new S3Client({
    region: environment.AWS_REGION,
    endpoint: environment.AWS_ENDPOINT_URL_S3,
    forcePathStyle: true,
    credentials: credentialsOf(environment),
    ...handler,
  });
  return async (Key) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: environment.S3_BUCKET, Key }));
    return countBytes(Body as AsyncIterable<Buffer>);
  };
}

function undiciReader(environment: StoreEnvironment): Reader {
  const { origin, host } = new URL(environment.AWS_ENDPOINT_URL_S3);
  const signer = new Signer(environment.AWS_REGION);
  const credentials = credentialsOf(environment);
  const agent = new Agent();
  return async (key) => {
    const path = `/${environment.S3_BUCKET}/${key}`;
    const request = { method: 'GET', host, path, query: '', extraHeaders: [] } as const;
    const headers = signer.sign(request, credentials, Date.now());
    const { statusCode, body } = await agent.request({ origin, path, method: 'GET', headers });
    if (statusCode !== 200) throw new Error(`the store answered ${statusCode}: ${await body.text()}`);
    return countBytes(body);
  };
}

function ourReader(environment: StoreEnvironment): Reader {
  const config = environmentSchema.parse({ ...environment, S3_FORCE_PATH_STYLE: 'true' });
  const source = createObjectSource(createStore(config, environment).client);
  return async (key) => {
    const { body } = await source.open({ key, method: 'GET' }, new Operation());
    return new Promise((resolve, reject) => {
      let bytes = 0;
      body.pipe({
        write(chunk) {
          bytes += chunk.length;
          return true;
        },
        end: () => resolve(bytes),
        fail: reject,
      });
    });
  };
}

async function countBytes(chunks: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  return bytes;
}
