const bucket = { name: 'my-bucket' };
const host = 'photos.example.com';

/** Specs that break one rule each, laid over the smallest one, with the field that is to be blamed. */
export const INVALID_SPECS: readonly [field: string, spec: object][] = [
  ['spec.bucket.name', { bucket: {} }],
  ['spec.bucket.name', { bucket: { name: 'ab' } }],
  ['spec.bucket.name', { bucket: { name: 'Upper' } }],
  ['spec.bucket.name', { bucket: { name: 'a..b' } }],
  ['spec.bucket.name', { bucket: { name: '10.0.0.1' } }],
  ['spec.bucket.endpoint', { bucket: { ...bucket, endpoint: 'minio:9000' } }],
  ['spec.bucket.endpoint', { bucket: { ...bucket, endpoint: 'http://user:password@minio' } }],
  ['spec.bucket.endpoint', { bucket: { ...bucket, endpoint: 'http://minio:65536' } }],
  ['spec.bucket.endpoint', { bucket: { ...bucket, endpoint: 'http://1.2.3.999' } }],
  ['spec.bucket.prefix', { bucket: { ...bucket, prefix: '/public' } }],
  ['spec.bucket.prefix', { bucket: { ...bucket, prefix: 'a\nb' } }],
  ['spec.ingress.host', { ingress: {} }],
  ['spec.ingress.host', { ingress: { host: '10.0.0.1' } }],
  ['spec.ingress.host', { ingress: { host: 'Photos.example.com' } }],
  ['spec.ingress.host', { ingress: { host: `${'a'.repeat(64)}.example.com` } }],
  ['spec.ingress.path', { ingress: { host, path: 'a' } }],
  ['spec.ingress.path', { ingress: { host, path: '/a/../b' } }],
  ['spec.ingress.path', { ingress: { host, path: '/a;b' } }],
  ['spec.ingress.tls', { ingress: { host, tls: { selfSigned: {}, secretName: 'a' } } }],
  ['spec.ingress.annotations', { ingress: { host, annotations: { 'x/server-snippet': '' } } }],
  ['spec.ingress.annotations', { ingress: { host, annotations: { 's3proxy.dev/source': '' } } }],
  [
    'spec.credentials',
    { credentials: { roleArn: 'arn:aws:iam::123456789012:role/a', serviceAccountName: 'a' } },
  ],
  ['spec.credentials.roleArn', { credentials: { roleArn: 'photos' } }],
  ['spec.auth.basic.username', { auth: { basic: { username: 'a:b' } } }],
  ['spec.auth.basic.realm', { auth: { basic: { realm: 'a"b' } } }],
  ['spec.replicas', { replicas: -1 }],
  ['spec.resources.requests.cpu', { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }],
  ['spec.resources.limits.memory', { resources: { limits: { memory: '1GB' } } }],
  ['spec.image', { image: 'not an image' }],
];

export const INVALID_NAMES: readonly string[] = ['a'.repeat(53), '1photos', 'pho.tos'];
