import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { QUANTITY } from '../../operator/src/api/quantity.ts';
import type { ValidS3Proxy } from '../../operator/src/api/s3proxy.ts';
import { validSpec } from '../../operator/src/api/testing/spec-arbitrary.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import {
  DEPLOYMENT,
  INGRESS,
  type ResourceKind,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../../operator/src/kube/resource-kind.ts';
import { buildBasicAuthSecret } from '../../operator/src/resources/basic-auth-secret.ts';
import { buildCaSecret } from '../../operator/src/resources/ca-secret.ts';
import { buildDeployment } from '../../operator/src/resources/deployment.ts';
import { buildHtpasswdSecret } from '../../operator/src/resources/htpasswd-secret.ts';
import { buildIngress } from '../../operator/src/resources/ingress.ts';
import { generatePassword } from '../../operator/src/resources/password.ts';
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
function children(s3proxy: ValidS3Proxy): [ResourceKind, KubeObject | undefined][] {
  const source = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'source' } };
  return [
    [DEPLOYMENT, buildDeployment(s3proxy, { image: 'example.com/s3proxy-proxy:1' })],
    [SERVICE, buildService(s3proxy)],
    [INGRESS, buildIngress(s3proxy)],
    [SERVICE_ACCOUNT, buildServiceAccount(s3proxy)],
    [SECRET, buildBasicAuthSecret(s3proxy, { existing: undefined, generatePassword })],
    [SECRET, buildHtpasswdSecret(s3proxy, source, 'user:hash\n')],
    [SECRET, buildCaSecret(s3proxy, authority)],
    [SECRET, buildTlsSecret(s3proxy, server, authority)],
  ];
}

function inDefaultNamespace(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
}

async function expectAccepted(s3proxy: ValidS3Proxy): Promise<void> {
  for (const [kind, child] of children(s3proxy)) {
    if (child === undefined) continue;
    const manifest = inDefaultNamespace(child);
    const stored = await fixture.client.apply(kind, manifest, { fieldManager: 'test', dryRun: true });
    // Every field comes back as it was written: nothing is in a form that the API server would write differently.
    expect(stored).toMatchObject(manifest as never);
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
