import { expect, test } from 'vitest';
import { buildMiddleware, middlewareReference } from './middleware.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

const byTraefik = (namespace: string, name: string) => {
  const s3proxy = validS3Proxy({ auth: { basic: { enforcement: 'Ingress', driver: 'Traefik' } } });
  return { ...s3proxy, metadata: { ...s3proxy.metadata, namespace, name } };
};

test('the Ingress names the Middleware as Traefik knows it', () => {
  const s3proxy = byTraefik('web', 'photos');
  const name = buildMiddleware(s3proxy)?.metadata.name;
  expect(middlewareReference(s3proxy)).toBe(`web-${name}@kubernetescrd`);
});

test('no two S3Proxies have the same one', () => {
  expect(middlewareReference(byTraefik('a', 'b-c'))).not.toBe(middlewareReference(byTraefik('a-b', 'c')));
});
