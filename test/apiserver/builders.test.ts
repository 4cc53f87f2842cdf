import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { QUANTITY } from '../../operator/src/api/quantity.ts';
import type { ValidS3Proxy } from '../../operator/src/api/s3proxy.ts';
import { validSpec } from '../../operator/src/api/testing/spec-arbitrary.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import {
  DEPLOYMENT,
  HORIZONTAL_POD_AUTOSCALER,
  INGRESS,
  NETWORK_POLICY,
  POD_DISRUPTION_BUDGET,
  type ResourceKind,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../../operator/src/kube/resource-kind.ts';
import { buildBasicAuthSecret } from '../../operator/src/resources/basic-auth-secret.ts';
import { buildCaSecret } from '../../operator/src/resources/ca-secret.ts';
import { buildDeployment } from '../../operator/src/resources/deployment.ts';
import { buildHorizontalPodAutoscaler } from '../../operator/src/resources/horizontal-pod-autoscaler.ts';
import { buildHtpasswdSecret } from '../../operator/src/resources/htpasswd-secret.ts';
import { buildIngress } from '../../operator/src/resources/ingress.ts';
import { buildIngressAuthSecret } from '../../operator/src/resources/ingress-auth-secret.ts';
import { buildNetworkPolicy } from '../../operator/src/resources/network-policy.ts';
import { generatePassword } from '../../operator/src/resources/password.ts';
import { buildPodDisruptionBudget } from '../../operator/src/resources/pod-disruption-budget.ts';
import { buildService } from '../../operator/src/resources/service.ts';
import { buildServiceAccount } from '../../operator/src/resources/service-account.ts';
import { validS3Proxy } from '../../operator/src/resources/testing/s3proxy.ts';
import { buildTlsSecret } from '../../operator/src/resources/tls-secret.ts';
import {
  issueCertificateAuthority,
  issueServerCertificate,
  type KeyPair,
} from '../../operator/src/resources/x509.ts';
import { type CrdFixture, startCrdFixture } from './crd-fixture.ts';

let fixture: CrdFixture;
let authority: KeyPair;
let server: KeyPair;

beforeAll(async () => {
  fixture = await startCrdFixture();
  authority = await issueCertificateAuthority('CA', new Date());
  server = await issueServerCertificate(authority, 'server', 'a.example.com', new Date());
});
afterAll(() => fixture?.stop());

/** Every child that an S3Proxy may have, with its kind. */
async function children(s3proxy: ValidS3Proxy): Promise<[ResourceKind, KubeObject | undefined][]> {
  const source = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'source' } };
  return [
    [DEPLOYMENT, buildDeployment(s3proxy, { image: 'example.com/s3proxy-proxy:1' })],
    [SERVICE, buildService(s3proxy)],
    [INGRESS, buildIngress(s3proxy)],
    [SERVICE_ACCOUNT, buildServiceAccount(s3proxy)],
    [HORIZONTAL_POD_AUTOSCALER, buildHorizontalPodAutoscaler(s3proxy)],
    [POD_DISRUPTION_BUDGET, buildPodDisruptionBudget(s3proxy)],
    [NETWORK_POLICY, buildNetworkPolicy(s3proxy, { operatorNamespace: 's3proxy-system' })],
    [SECRET, await ingressAuthSecret(s3proxy, source)],
    [SECRET, buildBasicAuthSecret(s3proxy, { existing: undefined, generatePassword })],
    [SECRET, buildHtpasswdSecret(s3proxy, source, 'user:hash\n')],
    [SECRET, buildCaSecret(s3proxy, authority)],
    [SECRET, buildTlsSecret(s3proxy, server, authority)],
  ];
}

async function ingressAuthSecret(s3proxy: ValidS3Proxy, source: KubeObject): Promise<KubeObject | undefined> {
  const credentials = { kind: 'password', username: 'ann', password: 'secret' } as const;
  const built = await buildIngressAuthSecret(s3proxy, source, credentials, undefined);
  if (built?.ok === false) throw new Error(built.fault);
  return built?.secret;
}

function inDefaultNamespace(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
}

async function expectAccepted(s3proxy: ValidS3Proxy): Promise<void> {
  for (const [kind, child] of await children(s3proxy)) {
    if (child === undefined) continue;
    const manifest = inDefaultNamespace(child);
    const stored = await fixture.client.apply(kind, manifest, { fieldManager: 'test', dryRun: true });
    // Every field comes back as it was written: nothing is in a form that the API server would write differently.
    expect(stored).toMatchObject(JSON.parse(JSON.stringify(manifest)));
  }
}

test('the API server takes the children of every valid S3Proxy as they are', async () => {
  await fc.assert(
    fc.asyncProperty(validSpec, (spec) => expectAccepted(validS3Proxy(spec))),
    { numRuns: 400 },
  );
});

test('the API server takes names of the longest kind', async () => {
  await expectAccepted(validS3Proxy({}, `a${'b'.repeat(51)}`));
});

test('quantities come back as they were written', async () => {
  const amounts = fc.stringMatching(QUANTITY);
  await fc.assert(
    fc.asyncProperty(amounts, async (memory) => {
      const s3proxy = validS3Proxy({ resources: { limits: { memory }, requests: { memory } } });
      const deployment = buildDeployment(s3proxy, { image: 'image' });
      const stored = await fixture.client.apply(DEPLOYMENT, inDefaultNamespace(deployment), {
        fieldManager: 'test',
        dryRun: true,
      });
      expect(stored).toMatchObject({
        spec: {
          template: {
            spec: { containers: [{ resources: deployment.spec.template.spec?.containers[0]?.resources }] },
          },
        },
      });
    }),
    { numRuns: 200 },
  );
});
