import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { S3ProxySpecInput } from '../api/spec.ts';
import { podTemplate } from './pod-template.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

const EVERY_BLOCK: Partial<S3ProxySpecInput> = {
  bucket: {
    name: 'my-bucket',
    endpoint: 'https://minio.example.com',
    forcePathStyle: true,
    prefix: 'public',
    requestPayer: true,
  },
  credentials: { secretRef: { name: 'keys' } },
  auth: { basic: { realm: 'Photos' } },
  content: { indexDocument: 'index.html', publishHealthKey: true },
  cache: { memory: '256Mi', staleWhileRevalidateSeconds: 30 },
  image: 'registry.example.com/s3proxy:1.2.3',
  imagePullPolicy: 'Always',
  imagePullSecrets: [{ name: 'registry' }],
  resources: { requests: { cpu: '500m' }, limits: { memory: '1Gi' } },
  podTemplate: {
    labels: { team: 'web' },
    annotations: { 'example.com/note': 'a' },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'web', operator: 'Exists' }],
    topologySpreadConstraints: [],
    priorityClassName: 'high',
    terminationGracePeriodSeconds: 600,
  },
  logging: { level: 'debug', access: false },
};

// An upgrade of the operator restarts every proxy whose pod template it builds in another way. So a change of these files belongs into
// CHANGELOG.md; "npx vitest run --project unit operator/src/resources/pod-template.test.ts --update" writes them.
test.each([
  ['the smallest spec', 'smallest', {}],
  ['a spec with every block', 'every-block', EVERY_BLOCK],
])('the pods of %s are what they were', async (_, name, spec) => {
  const template = podTemplate(validS3Proxy(spec), 'example.com/s3proxy:1', {});
  const text = stringify(JSON.parse(JSON.stringify(template)), { lineWidth: 0 });
  await expect(text).toMatchFileSnapshot(`testing/pod-template.${name}.yaml`);
});
