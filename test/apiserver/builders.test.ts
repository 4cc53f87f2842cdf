import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { QUANTITY } from '../../operator/src/api/quantity.ts';
import type { ValidS3Proxy } from '../../operator/src/api/s3proxy.ts';
import { validSpec } from '../../operator/src/api/testing/spec-arbitrary.ts';
import { DEPLOYMENT } from '../../operator/src/kube/resource-kind.ts';
import { buildDeployment } from '../../operator/src/resources/deployment.ts';
import { validS3Proxy } from '../../operator/src/resources/testing/s3proxy.ts';
import { builtInChildren, type Certificates, inDefaultNamespace, issueCertificates } from './children.ts';
import { type CrdFixture, startCrdFixture } from './crd-fixture.ts';

let fixture: CrdFixture;
let certificates: Certificates;

beforeAll(async () => {
  fixture = await startCrdFixture();
  certificates = await issueCertificates();
});
afterAll(() => fixture?.stop());

async function expectAccepted(s3proxy: ValidS3Proxy): Promise<void> {
  const children = await builtInChildren(s3proxy, certificates);
  await Promise.all(
    children.map(async ([kind, child]) => {
      const manifest = inDefaultNamespace(child);
      const stored = await fixture.client.apply(kind, manifest, { fieldManager: 'test', dryRun: true });
      // Every field comes back as it was written: nothing is in a form that the API server would write differently.
      expect(stored).toMatchObject(JSON.parse(JSON.stringify(manifest)));
    }),
  );
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
