import { expect, test } from 'vitest';
import { buildIngress, publishedUrl } from './ingress.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

const host = 'photos.example.com';

test('the whole host leads to the Service, over TLS', () => {
  const ingress = buildIngress(validS3Proxy({ ingress: { host } }));
  expect(ingress?.spec).toEqual({
    tls: [{ hosts: [host], secretName: 'photos-tls' }],
    rules: [
      {
        host,
        http: {
          paths: [
            {
              path: '/',
              pathType: 'Prefix',
              backend: { service: { name: 'photos', port: { name: 'http' } } },
            },
          ],
        },
      },
    ],
  });
  expect(publishedUrl(validS3Proxy({ ingress: { host } }))).toBe(`https://${host}/`);
});

test('class, path and Secret are as the spec says', () => {
  const s3proxy = validS3Proxy({
    ingress: { host, className: 'nginx', path: '/a', tls: { secretName: 'mine' } },
  });
  expect(buildIngress(s3proxy)?.spec).toMatchObject({
    ingressClassName: 'nginx',
    tls: [{ secretName: 'mine' }],
    rules: [{ http: { paths: [{ path: '/a' }] } }],
  });
  expect(publishedUrl(s3proxy)).toBe(`https://${host}/a/`);
});

test("the spec's annotations come over the default ones", () => {
  const annotations = { 'nginx.ingress.kubernetes.io/proxy-buffering': 'on', other: 'x' };
  const ingress = buildIngress(validS3Proxy({ ingress: { host, annotations } }));
  expect(ingress?.metadata.annotations).toMatchObject(annotations);
  expect(ingress?.metadata.annotations).toMatchObject({ 'nginx.org/proxy-buffering': 'False' });
});

test('TLS can be off', () => {
  const s3proxy = validS3Proxy({ ingress: { host, tls: { disabled: true } } });
  expect(buildIngress(s3proxy)?.spec.tls).toBeUndefined();
  expect(publishedUrl(s3proxy)).toBe(`http://${host}/`);
});

test('the Ingress can be off', () => {
  const s3proxy = validS3Proxy({ ingress: { enabled: false, host } });
  expect(buildIngress(s3proxy)).toBeUndefined();
  expect(publishedUrl(s3proxy)).toBeUndefined();
});
