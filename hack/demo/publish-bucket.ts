import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { step } from '../cluster/progress.ts';
import type { DemoEnvironment } from './environment-file.ts';
import { OPERATOR_NAMESPACE } from './install-operator.ts';
import type { ClusterClient } from './kubectl.ts';
import {
  credentialsSecret,
  DEMO_HOST,
  DEMO_NAME,
  DEMO_NAMESPACE,
  type DemoBucket,
  demoNamespace,
  demoS3Proxy,
} from './manifests.ts';

export interface Published {
  access: Pick<
    DemoEnvironment,
    'NAMESPACE' | 'OPERATOR_NAMESPACE' | 'URL' | 'AUTH_USER' | 'AUTH_PASSWORD' | 'RESOLVE'
  >;
  /** PEM of the certificate authority. */
  ca: string;
}

export interface IngressPlace {
  /** Absent: the cluster's default class. */
  ingressClass: string | undefined;
  /** Address of the ingress controller, port 443, or how to find it once the Ingress exists. */
  ingressAddress: string | (() => Promise<string>);
}

const READY = '180s';
const ANSWER_MS = 60_000;
const SAMPLE = '/1.jpg';

/** Applies the S3Proxy, waits until it is ready and a picture comes through the Ingress, and reads how to reach it. */
export async function publishBucket(
  client: ClusterClient,
  bucket: DemoBucket,
  { ingressClass, ingressAddress }: IngressPlace,
): Promise<Published> {
  const namespace = ['--namespace', DEMO_NAMESPACE];
  await client.apply(demoNamespace());
  await client.apply(credentialsSecret(bucket), demoS3Proxy(bucket, ingressClass));
  await step(`waiting for S3Proxy ${DEMO_NAMESPACE}/${DEMO_NAME} to be ready`, async () => {
    const resource = `s3proxy/${DEMO_NAME}`;
    await client
      .kubectl('wait', '--for=condition=Ready', resource, ...namespace, `--timeout=${READY}`)
      .catch(async (cause) => {
        const state = await client.kubectl(
          'get',
          resource,
          ...namespace,
          '-o',
          'jsonpath={.status.conditions}',
        );
        throw new Error(`S3Proxy ${DEMO_NAME} is not ready: ${state}`, { cause });
      });
  });
  const secret = async (name: string, key: string): Promise<string> => {
    const path = `jsonpath={.data.${key.replaceAll('.', '\\.')}}`;
    const value = await client.kubectl('get', 'secret', name, ...namespace, '-o', path);
    return Buffer.from(value, 'base64').toString('utf8');
  };
  const address = typeof ingressAddress === 'string' ? ingressAddress : await ingressAddress();
  const access = {
    NAMESPACE: DEMO_NAMESPACE,
    OPERATOR_NAMESPACE,
    URL: `https://${DEMO_HOST}`,
    AUTH_USER: await secret(`${DEMO_NAME}-basic-auth`, 'username'),
    AUTH_PASSWORD: await secret(`${DEMO_NAME}-basic-auth`, 'password'),
    RESOLVE: `${DEMO_HOST}:443:${address}`,
  };
  const ca = await secret(`${DEMO_NAME}-tls`, 'ca.crt');
  await step(`waiting for ${access.URL}${SAMPLE} to answer`, () => answered(access, address, ca));
  return { access, ca };
}

async function answered(
  { AUTH_USER, AUTH_PASSWORD }: Published['access'],
  address: string,
  ca: string,
): Promise<void> {
  const deadline = performance.now() + ANSWER_MS;
  for (;;) {
    const answer = await new Promise<string>((resolve) => {
      const outgoing = request(
        {
          host: address,
          servername: DEMO_HOST,
          path: SAMPLE,
          ca,
          auth: `${AUTH_USER}:${AUTH_PASSWORD}`,
          headers: { host: DEMO_HOST },
          agent: false,
          timeout: 5_000,
        },
        (response) => {
          response.resume();
          response.once('end', () => resolve(String(response.statusCode)));
          response.once('error', (error) => resolve(error.message));
        },
      );
      outgoing.once('timeout', () => outgoing.destroy(new Error('no answer within 5 s')));
      outgoing.once('error', (error) => resolve(error.message));
      outgoing.end();
    });
    if (answer === '200') return;
    if (performance.now() > deadline) throw new Error(`the Ingress does not serve the picture: ${answer}`);
    await sleep(250);
  }
}
