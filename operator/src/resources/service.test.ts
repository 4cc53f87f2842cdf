import { expect, test } from 'vitest';
import { buildDeployment } from './deployment.ts';
import { buildService } from './service.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

test("port 80 leads to the pods' port for objects, and to no other", () => {
  const s3proxy = validS3Proxy();
  const { spec } = buildService(s3proxy);
  const { template } = buildDeployment(s3proxy, { image: 'image' }).spec;
  expect(template.metadata?.labels).toMatchObject(spec.selector ?? {});
  expect(spec.ports).toHaveLength(1);
  expect(spec.ports?.[0]).toMatchObject({ port: 80, targetPort: 'http' });
  expect(template.spec?.containers[0]?.ports).toContainEqual({
    name: 'http',
    containerPort: 5000,
    protocol: 'TCP',
  });
});
