import { expect, test } from 'vitest';
import { s3proxyObject } from '../resources/testing/s3proxy.ts';
import { foreignSecretAnnotations } from './foreign-secrets.ts';
import { parseS3Proxy } from './parse.ts';

test.each([
  ['nginx.ingress.kubernetes.io/auth-secret', 'other/readers'],
  ['nginx.ingress.kubernetes.io/auth-tls-secret', 'kube-system/ca'],
  ['nginx.ingress.kubernetes.io/proxy-ssl-secret', 'other/tls'],
  ['haproxy.org/server-ca', 'other/ca'],
  ['haproxy.org/server-crt', 'other/tls'],
  ['haproxy-ingress.github.io/secure-crt-secret', 'secret://other/tls'],
  ['haproxy-ingress.github.io/auth-tls-secret', 'file:///etc/haproxy/key.pem'],
  ['nginx.ingress.kubernetes.io/auth-secret', ' other/readers '],
  ['nginx.ingress.kubernetes.io/auth-secret', 'Other/readers'],
  ['nginx.ingress.kubernetes.io/auth-secret', 'web-2/readers'],
  ['nginx.ingress.kubernetes.io/auth-secret', '/readers'],
  ['haproxy-ingress.github.io/auth-tls-secret', 'web/ca,secret://other/crl'],
])('%s: %s is refused', (name, value) => {
  expect(foreignSecretAnnotations({ [name]: value }, 'web')).toEqual([name]);
});

test.each([
  ['nginx.ingress.kubernetes.io/auth-tls-secret', 'web/ca'],
  ['nginx.ingress.kubernetes.io/auth-tls-secret', ' secret://web/ca '],
  ['nginx.ingress.kubernetes.io/auth-secret', 'readers'],
  ['nginx.ingress.kubernetes.io/auth-secret-type', 'auth-file'],
  ['nginx.ingress.kubernetes.io/rewrite-target', '/other/$1'],
  ['cert-manager.io/secret-template', '{"annotations": {"a/b": "c/d"}}'],
])('%s: %s is not', (name, value) => {
  expect(foreignSecretAnnotations({ [name]: value }, 'web')).toEqual([]);
});

test('an S3Proxy with such an annotation is invalid, and the message names it', () => {
  const annotations = { 'nginx.ingress.kubernetes.io/auth-secret': 'other/readers' };
  const parsed = parseS3Proxy(s3proxyObject({ ingress: { host: 'a.example.com', annotations } }));
  expect(parsed.ok ? [] : parsed.faults).toEqual([
    {
      path: 'spec.ingress.annotations.nginx.ingress.kubernetes.io/auth-secret',
      message: "must name a Secret of the S3Proxy's own namespace",
    },
  ]);
});
