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
  ['spec.ingress.annotations', { ingress: { host, annotations: { 'x/config-backend': '' } } }],
  ['spec.ingress.annotations.x/a', { ingress: { host, annotations: { 'x/a': 'b\nlua_code c;' } } }],
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
  [
    'spec.resources.requests.memory',
    { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } },
  ],
  ['spec.cache.memory', { cache: { memory: '2Ti' } }],
  ['spec.cache.maxObjectSize', { cache: { maxObjectSize: '2Ti' } }],
  ['spec.resources.limits.memory', { resources: { limits: { memory: '1GB' } } }],
  ['spec.image', { image: 'not an image' }],
  ['spec.ingress.annotations', { ingress: { host, annotations: { 'kubernetes.io/ingress.class': 'x' } } }],
  ['spec.ingress.annotations', { ingress: { host, annotations: { 'not a key': '' } } }],
  [
    'spec.ingress.tls',
    { ingress: { host, tls: { secretName: 'a', certManager: { issuerRef: { name: 'a' } } } } },
  ],
  ['spec.gateway.hostnames', { gateway: { parentRefs: [{ name: 'a' }], hostnames: [] } }],
  ['spec.gateway.parentRefs', { gateway: { hostnames: [host] } }],
  ['spec.auth.basic.driver', { auth: { basic: { enforcement: 'Ingress' } } }],
  ['spec.auth.basic.driver', { auth: { basic: { driver: 'Traefik' } } }],
  ['spec.auth.basic.driver', { auth: { basic: { enforcement: 'Ingress', driver: 'Apache' } } }],
  [
    'spec.auth.basic.enforcement',
    { ingress: { enabled: false }, auth: { basic: { enforcement: 'Ingress', driver: 'Traefik' } } },
  ],
  [
    'spec.auth.basic.enforcement',
    {
      gateway: { parentRefs: [{ name: 'a' }], hostnames: [host] },
      auth: { basic: { enforcement: 'Ingress', driver: 'Traefik' } },
    },
  ],
  ['spec.content.indexDocument', { content: { indexDocument: 'a/b' } }],
  ['spec.content.errorDocument', { content: { errorDocument: '/404.html' } }],
  ['spec.content.cors.allowOrigins', { content: { cors: { allowOrigins: ['*'], allowCredentials: true } } }],
  ['spec.content.cors.allowOrigins[0]', { content: { cors: { allowOrigins: ['www.example.com'] } } }],
  ['spec.content.headers[0].name', { content: { headers: [{ name: 'Content-Length', value: '1' }] } }],
  ['spec.content.headers[0].value', { content: { headers: [{ name: 'X-A', value: 'a\r\nX-B: c' }] } }],
  [
    'spec.content.headers',
    {
      content: {
        headers: [
          { name: 'X-A', value: '1' },
          { name: 'x-a', value: '2' },
        ],
      },
    },
  ],
  ['spec.content.metadata[0]', { content: { metadata: ['Upper'] } }],
  ['spec.content.precompressed.encodings[0]', { content: { precompressed: { encodings: ['deflate'] } } }],
  ['spec.cache.memory', { cache: { memory: '1Gi' }, resources: { limits: { memory: '512Mi' } } }],
  ['spec.cache.ttlSeconds', { cache: { ttlSeconds: -1 } }],
  ['spec.autoscaling.maxReplicas', { autoscaling: { minReplicas: 3, maxReplicas: 2 } }],
  [
    'spec.resources.requests.cpu',
    { autoscaling: { maxReplicas: 2 }, resources: { requests: { cpu: '0.0' } } },
  ],
  [
    'spec.resources.requests.memory',
    {
      autoscaling: { maxReplicas: 2, targetMemoryUtilizationPercentage: 80 },
      resources: { requests: { memory: 0 } },
    },
  ],
  [
    'spec.podDisruptionBudget.maxUnavailable',
    { podDisruptionBudget: { minAvailable: 1, maxUnavailable: '50%' } },
  ],
  ['spec.networkPolicy.allowFrom[0]', { networkPolicy: { allowFrom: [{}] } }],
  ['spec.networkPolicy.allowFrom[0].cidr', { networkPolicy: { allowFrom: [{ cidr: '10.0.0.0' }] } }],
  ['spec.podTemplate.labels', { podTemplate: { labels: { 'app.kubernetes.io/name': 'x' } } }],
  ['spec.podTemplate.labels', { podTemplate: { labels: { 'a b': 'x' } } }],
  ['spec.podTemplate.annotations', { podTemplate: { annotations: { 's3proxy.dev/source': 'x' } } }],
  [
    'spec.podTemplate.tolerations[0].value',
    { podTemplate: { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] } },
  ],
  ['spec.podTemplate.tolerations[0].operator', { podTemplate: { tolerations: [{ value: 'b' }] } }],
  [
    'spec.podTemplate.tolerations[0].tolerationSeconds',
    { podTemplate: { tolerations: [{ key: 'a', tolerationSeconds: 1 }] } },
  ],
  ['spec.podTemplate.terminationGracePeriodSeconds', { podTemplate: { terminationGracePeriodSeconds: 1 } }],
  [
    'spec.podTemplate.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values',
    {
      podTemplate: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In' }] }],
            },
          },
        },
      },
    },
  ],
  ['spec.imagePullPolicy', { imagePullPolicy: 'Sometimes' }],
];

export const INVALID_NAMES: readonly string[] = ['a'.repeat(53), '1photos', 'pho.tos'];
