import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { makeCertificate } from './certificate.ts';
import type { LocalCluster } from './local-cluster.ts';
import { REGION, sandbox } from './sandbox.ts';

const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn';
const DIRECTORY = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

const reviewSchema = z.object({
  request: z.object({
    uid: z.string(),
    namespace: z.string(),
    object: z.object({
      spec: z.object({
        serviceAccountName: z.string().default('default'),
        volumes: z.array(z.unknown()).default([]),
        containers: z.array(
          z.looseObject({
            env: z.array(z.unknown()).default([]),
            volumeMounts: z.array(z.unknown()).default([]),
          }),
        ),
      }),
    }),
  }),
});

type Review = z.output<typeof reviewSchema>['request'];

const serviceAccountSchema = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
});

/**
 * Does for a local cluster what EKS's pod identity webhook does: pods whose service account is annotated with a role get a token for STS and the two
 * variables by which every AWS SDK finds it. And one more, for here STS is not where AWS has it.
 * @param sts URL of STS as pods reach it
 */
export async function startIdentityWebhook(
  cluster: LocalCluster,
  sts: string,
): Promise<{ stop(): Promise<void> }> {
  const home = join(sandbox().directory, 'identity-webhook');
  const files = { certificate: join(home, 'ca.pem'), key: join(home, 'key.pem') };
  const { hostAddress } = cluster.cluster;
  await makeCertificate(files.certificate, files.key, [hostAddress]);
  const certificate = await readFile(files.certificate);

  const patchFor = async ({ namespace, object: { spec } }: Review): Promise<object[]> => {
    const account = serviceAccountSchema.parse(
      JSON.parse(
        await cluster.kubectl(
          ...['get', 'serviceaccount', spec.serviceAccountName, '--namespace', namespace, '--output', 'json'],
        ),
      ),
    );
    const role = account.metadata.annotations[ROLE_ANNOTATION];
    return role === undefined ? [] : withToken(spec, role, sts);
  };
  const answer = async (incoming: IncomingMessage): Promise<object> => {
    const { request } = reviewSchema.parse(await json(incoming));
    const patch = Buffer.from(JSON.stringify(await patchFor(request))).toString('base64');
    return {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch },
    };
  };
  const server = createServer({ cert: certificate, key: await readFile(files.key) }, (incoming, outgoing) => {
    answer(incoming).then(
      (review) => outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(review)),
      (error: unknown) => outgoing.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, hostAddress, resolve));
  await cluster.apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'pod-identity-webhook' },
    webhooks: [
      {
        name: 'pod-identity-webhook.amazonaws.com',
        clientConfig: {
          url: `https://${hostAddress}:${(server.address() as AddressInfo).port}/mutate`,
          caBundle: certificate.toString('base64'),
        },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
      },
    ],
  });
  return {
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** JSON Patch (RFC 6902) that gives a pod's containers the token. */
function withToken(spec: Review['object']['spec'], role: string, sts: string): object[] {
  const name = 'aws-iam-token';
  const token = { path: 'token', audience: 'sts.amazonaws.com', expirationSeconds: 86_400 };
  const volume = { name, projected: { sources: [{ serviceAccountToken: token }] } };
  const environment = {
    AWS_REGION: REGION,
    AWS_ROLE_ARN: role,
    AWS_WEB_IDENTITY_TOKEN_FILE: `${DIRECTORY}/token`,
    AWS_ENDPOINT_URL_STS: sts,
  };
  const containers = spec.containers.map((container) => ({
    ...container,
    env: [
      ...container.env,
      ...Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
    ],
    volumeMounts: [...container.volumeMounts, { name, mountPath: DIRECTORY, readOnly: true }],
  }));
  return [
    { op: 'add', path: '/spec/volumes', value: [...spec.volumes, volume] },
    { op: 'add', path: '/spec/containers', value: containers },
  ];
}
