import { isDeepStrictEqual } from 'node:util';
import { API_VERSION, KIND } from '../../../operator/src/api/s3proxy.ts';
import type { S3ProxySpecInput } from '../../../operator/src/api/spec.ts';
import type { KubeObject } from '../../../operator/src/kube/objects.ts';
import { DEPLOYMENT, type ResourceKind, SECRET, SERVICE } from '../../../operator/src/kube/resource-kind.ts';
import { ROTATE_ANNOTATION } from '../../../operator/src/resources/basic-auth-secret.ts';
import { secretData } from '../../../operator/src/resources/secret.ts';
import type { KeyPair } from '../../../operator/src/resources/x509.ts';

/** The S3Proxy of every cycle. */
export const NAME = 'photos';

/** What a user does. */
export type Action =
  | { apply: KubeObject }
  | { delete: string; kind: ResourceKind }
  | { scale: number }
  | { deleteS3Proxy: true };

/** A part of an S3Proxy's life: from what is there and settled, by what a user does, to what is to be there then. */
export interface Cycle {
  name: string;
  before: readonly Action[];
  change: readonly Action[];
  /** How the change ends: all is well, a person has to act, nothing of it is left, or it is left alone. */
  end: 'Ready' | 'Stalled' | 'Gone' | 'Suspended';
}

type Spec = Partial<S3ProxySpecInput>;

const HOST = 'photos.example.com';
const ingress = { host: HOST };

function s3proxy(spec: Spec = {}, annotations?: Record<string, string>): Action {
  return {
    apply: {
      apiVersion: API_VERSION,
      kind: KIND,
      metadata: { name: NAME, ...(annotations !== undefined && { annotations }) },
      spec: { bucket: { name: 'my-bucket', region: 'eu-west-1' }, ingress, ...spec },
    } as KubeObject,
  };
}

function secret(name: string, values: Record<string, string>, type = 'Opaque'): Action {
  return {
    apply: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      type,
      data: secretData(values),
    } as KubeObject,
  };
}

const byIngress = (driver: 'IngressNginx' | 'Traefik' | 'HAProxy' | 'F5Nginx'): Spec => ({
  auth: { basic: { enforcement: 'Ingress', driver } },
});
const GATEWAY: Spec = {
  gateway: { parentRefs: [{ name: 'gateway' }], hostnames: ['gateway.example.com'] },
};
const ROLE: Spec = { credentials: { roleArn: 'arn:aws:iam::123456789012:role/photos' } };
const OTHER_IMAGE: Spec = {
  image: 'example.com/proxy:2',
  imagePullPolicy: 'Always',
  imagePullSecrets: [{ name: 'registry' }],
  logging: { level: 'debug' },
};
const TEMPLATE: Spec = {
  podTemplate: { labels: { team: 'web' }, tolerations: [{ key: 'spot', operator: 'Exists' }] },
  resources: { requests: { cpu: '100m' }, limits: { memory: '128Mi' } },
};
const off: Spec = { auth: { basic: { enabled: false } } };

const keys = (secretKey: string): Action =>
  secret('keys', { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: secretKey });
/** As long as a generated one, which is cheap to hash. */
const password = (letter: string): string => letter.repeat(32);
const readers = secret('readers', { username: 'ann', password: password('a') }, 'kubernetes.io/basic-auth');

/** Everything that the spec can ask for at once. */
const FULL: Spec = {
  credentials: { secretRef: { name: 'keys' } },
  ingress: { host: HOST, path: '/photos', className: 'nginx', annotations: { 'example.com/a': 'b' } },
  ...GATEWAY,
  content: { indexDocument: 'index.html', cors: { allowOrigins: ['https://www.example.com'] } },
  cache: { memory: '32Mi' },
  autoscaling: { minReplicas: 2, maxReplicas: 5 },
  networkPolicy: { enabled: true, allowFrom: [{ namespaceSelector: {} }] },
  podTemplate: { labels: { team: 'web' }, nodeSelector: { disk: 'ssd' } },
};

/** Every cycle. `issued` is a certificate and key as somebody else keeps them. */
export function allCycles(issued: KeyPair): Cycle[] {
  const given = secret(
    'given-tls',
    { 'tls.crt': issued.certificate, 'tls.key': issued.privateKey },
    'kubernetes.io/tls',
  );
  const tls = (tls: NonNullable<S3ProxySpecInput['ingress']>['tls']): Spec => ({
    ingress: { host: HOST, tls },
  });
  const byIssuer: Spec = tls({ certManager: { issuerRef: { name: 'issuer' } } });

  const create = (name: string, ...actions: Action[]): Cycle => ({
    name: `create: ${name}`,
    before: actions.slice(0, -1),
    change: actions.slice(-1),
    end: 'Ready',
  });
  const change = (name: string, from: Spec, to: Spec, ...others: Action[]): Cycle => ({
    name,
    before: [...others, s3proxy(from)],
    change: [s3proxy(to)],
    end: 'Ready',
  });

  return [
    create('minimal', s3proxy()),
    create('full', keys('one'), s3proxy(FULL)),
    create('asked for by Traefik', s3proxy(byIngress('Traefik'))),
    create('before its Secret', s3proxy({ auth: { basic: { secretRef: { name: 'readers' } } } }), readers),
    change('bucket', {}, { bucket: { name: 'other-bucket' } }),
    change('host', {}, { ingress: { host: 'other.example.com' } }),
    change('no Ingress', {}, { ingress: { enabled: false } }),
    change('an Ingress again', { ingress: { enabled: false } }, {}),
    change('replicas: 1 to 3', {}, { replicas: 3 }),
    change('auth: proxy to IngressNginx', {}, byIngress('IngressNginx')),
    change('auth: IngressNginx to proxy', byIngress('IngressNginx'), {}),
    change('auth: IngressNginx to Traefik', byIngress('IngressNginx'), byIngress('Traefik')),
    change('auth: Traefik to F5Nginx', byIngress('Traefik'), byIngress('F5Nginx')),
    change('auth: F5Nginx to HAProxy', byIngress('F5Nginx'), byIngress('HAProxy')),
    change('auth: Traefik to off', byIngress('Traefik'), off),
    change('auth: proxy to off', {}, off),
    change('auth: proxy with a gateway to IngressNginx', GATEWAY, byIngress('IngressNginx')),
    change('auth: IngressNginx to proxy with a gateway', byIngress('IngressNginx'), GATEWAY),
    change('auth: off to proxy', off, {}),
    change('auth: off to Traefik', off, byIngress('Traefik')),
    change('auth: generated to given', {}, { auth: { basic: { secretRef: { name: 'readers' } } } }, readers),
    change('auth: given to generated', { auth: { basic: { secretRef: { name: 'readers' } } } }, {}, readers),
    {
      name: 'auth: the given password changes',
      before: [readers, s3proxy({ auth: { basic: { secretRef: { name: 'readers' } } } })],
      change: [secret('readers', { username: 'ann', password: password('b') }, 'kubernetes.io/basic-auth')],
      end: 'Ready',
    },
    {
      name: 'auth: rotation',
      before: [s3proxy()],
      change: [s3proxy({}, { [ROTATE_ANNOTATION]: 'today' })],
      end: 'Ready',
    },
    {
      name: 'auth: rotation, asked for by HAProxy',
      before: [s3proxy(byIngress('HAProxy'), { [ROTATE_ANNOTATION]: 'yesterday' })],
      change: [s3proxy(byIngress('HAProxy'), { [ROTATE_ANNOTATION]: 'today' })],
      end: 'Ready',
    },
    change('tls: self-signed to given', {}, tls({ secretName: 'given-tls' }), given),
    change('tls: given to self-signed', tls({ secretName: 'given-tls' }), {}, given),
    change('tls: self-signed to disabled', {}, tls({ disabled: true })),
    change('tls: disabled to self-signed', tls({ disabled: true }), {}),
    change('tls: self-signed to cert-manager', {}, byIssuer),
    change('tls: cert-manager to self-signed', byIssuer, {}),
    change('cache and content', {}, { cache: { memory: '16Mi' }, content: { directoryListing: true } }),
    change('image and logging', {}, OTHER_IMAGE),
    change('image and logging away', OTHER_IMAGE, {}),
    change('pod template and resources', {}, TEMPLATE),
    change('pod template and resources away', TEMPLATE, {}),
    change('autoscaling on', {}, { autoscaling: { minReplicas: 2, maxReplicas: 4 } }),
    change('autoscaling off', { autoscaling: { minReplicas: 2, maxReplicas: 4 } }, { replicas: 2 }),
    change(
      'disruption budget off',
      { replicas: 2 },
      { replicas: 2, podDisruptionBudget: { enabled: false } },
    ),
    change('network policy on', {}, { networkPolicy: { enabled: true } }),
    change('network policy off', { networkPolicy: { enabled: true } }, {}),
    change('gateway on', {}, GATEWAY),
    change('gateway off', GATEWAY, {}),
    change('gateway: another host', GATEWAY, {
      gateway: { parentRefs: [{ name: 'gateway' }], hostnames: ['other.example.com'] },
    }),
    change('credentials: Secret', {}, { credentials: { secretRef: { name: 'keys' } } }, keys('one')),
    change('credentials: account again', { credentials: { secretRef: { name: 'keys' } } }, {}, keys('one')),
    change('credentials: role', {}, ROLE),
    change('credentials: role to none', ROLE, {}),
    change(
      'credentials: Secret to role',
      { credentials: { secretRef: { name: 'keys' } } },
      ROLE,
      keys('one'),
    ),
    {
      name: 'credentials: the Secret changes',
      before: [keys('one'), s3proxy({ credentials: { secretRef: { name: 'keys' } } })],
      change: [keys('two')],
      end: 'Ready',
    },
    {
      name: 'credentials: the Secret goes',
      before: [keys('one'), s3proxy({ credentials: { secretRef: { name: 'keys' } } })],
      change: [{ delete: 'keys', kind: SECRET }],
      end: 'Stalled',
    },
    change(
      'everything at once',
      {},
      { ...FULL, ...byIngress('IngressNginx'), gateway: undefined },
      keys('one'),
    ),
    change('everything away again', FULL, {}, keys('one')),
    { name: 'scale', before: [s3proxy({ replicas: 2 })], change: [{ scale: 4 }], end: 'Ready' },
    {
      name: 'suspend',
      before: [s3proxy()],
      change: [s3proxy({ suspend: true, replicas: 3 })],
      end: 'Suspended',
    },
    change('resume', { suspend: true }, {}),
    {
      name: 'drift: the Deployment is deleted',
      before: [s3proxy()],
      change: [{ delete: NAME, kind: DEPLOYMENT }],
      end: 'Ready',
    },
    {
      name: 'drift: the password is deleted',
      before: [s3proxy()],
      change: [{ delete: `${NAME}-basic-auth`, kind: SECRET }],
      end: 'Ready',
    },
    {
      name: 'drift: the authority is deleted',
      before: [s3proxy()],
      change: [{ delete: `${NAME}-ca`, kind: SECRET }],
      end: 'Ready',
    },
    {
      name: 'drift: the Service is edited',
      before: [s3proxy()],
      change: [
        {
          apply: {
            apiVersion: 'v1',
            kind: SERVICE.kind,
            metadata: { name: NAME },
            spec: { selector: { 'app.kubernetes.io/name': 'other' } },
          } as KubeObject,
        },
      ],
      end: 'Ready',
    },
    { name: 'delete', before: [s3proxy()], change: [{ deleteS3Proxy: true }], end: 'Gone' },
    {
      name: 'delete everything',
      before: [keys('one'), s3proxy(FULL)],
      change: [{ deleteS3Proxy: true }],
      end: 'Gone',
    },
    { name: 'replace', before: [s3proxy()], change: [{ deleteS3Proxy: true }, s3proxy()], end: 'Ready' },
    {
      name: 'credentials: an account is named',
      before: [s3proxy()],
      change: [s3proxy({ credentials: { serviceAccountName: 'reader' } })],
      end: 'Ready',
    },
  ];
}

/** The blocks of the spec of an S3Proxy that one of the cycles changes, puts there or takes away. */
export function changedBlocks(cycles: readonly Cycle[]): Set<string> {
  const blocks = new Set<string>();
  for (const { before, change } of cycles) {
    const [was, is] = [before, change].map(
      (actions) =>
        actions
          .map((action) => ('apply' in action ? action.apply : undefined))
          .findLast((object) => object?.kind === KIND) as { spec: Record<string, unknown> } | undefined,
    );
    if (was === undefined || is === undefined) continue;
    for (const block of new Set([...Object.keys(was.spec), ...Object.keys(is.spec)])) {
      if (!isDeepStrictEqual(was.spec[block], is.spec[block])) blocks.add(block);
    }
  }
  return blocks;
}
