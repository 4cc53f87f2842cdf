import type { V1IngressSpec } from '@kubernetes/client-node';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { ingressAuthAnnotations, PASSWORD_SINCE_ANNOTATION } from './ingress-auth-annotations.ts';
import { childMetadata } from './labels.ts';
import type { Manifest } from './manifest.ts';
import { SERVICE_PORT } from './service.ts';
import { ingressTls } from './tls-source.ts';

export type IngressManifest = Manifest<V1IngressSpec>;

/**
 * Annotations that every Ingress gets; the spec's own come over them. Controllers ignore each other's.
 * Bodies are passed on as they come: buffering a large object would fill the controller's disk.
 */
const DEFAULT_ANNOTATIONS: Readonly<Record<string, string>> = {
  'nginx.ingress.kubernetes.io/proxy-buffering': 'off',
  'nginx.org/proxy-buffering': 'False',
  // AWS load balancers check "/" by default, which answers 401, and reach nodes instead of pods.
  'alb.ingress.kubernetes.io/healthcheck-path': '/health',
  'alb.ingress.kubernetes.io/target-type': 'ip',
};

/**
 * The Ingress; undefined when it is not wanted.
 * @param passwordSince when it began to ask for the password, if it does
 */
export function buildIngress(s3proxy: ValidS3Proxy, passwordSince?: string): IngressManifest | undefined {
  const { ingress } = s3proxy.spec;
  const { name } = s3proxy.metadata;
  const { host } = ingress;
  if (!ingress.enabled || host === undefined) return undefined;
  const tls = ingressTls(s3proxy);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: childMetadata(s3proxy, name, 'proxy', {
      ...DEFAULT_ANNOTATIONS,
      ...ingress.annotations,
      // Last, so that no annotation of the spec takes the password off.
      ...ingressAuthAnnotations(s3proxy),
      ...(passwordSince !== undefined && { [PASSWORD_SINCE_ANNOTATION]: passwordSince }),
    }),
    spec: {
      ingressClassName: ingress.className,
      tls: tls.source === 'disabled' ? undefined : [{ hosts: [host], secretName: tls.secretName }],
      rules: [
        {
          host,
          http: {
            paths: [
              {
                path: ingress.path,
                pathType: 'Prefix',
                backend: { service: { name, port: { name: SERVICE_PORT.name } } },
              },
            ],
          },
        },
      ],
    },
  };
}

/** Where the bucket is published, ending in "/": by the Ingress, else by the Gateway; undefined when by neither. */
export function publishedUrl(s3proxy: ValidS3Proxy): string | undefined {
  const { ingress, gateway } = s3proxy.spec;
  if (ingress.enabled && ingress.host !== undefined) {
    const scheme = ingressTls(s3proxy).source === 'disabled' ? 'http' : 'https';
    return `${scheme}://${ingress.host}${ingress.path.endsWith('/') ? ingress.path : `${ingress.path}/`}`;
  }
  const host = gateway?.hostnames[0];
  if (host === undefined) return undefined;
  // The listener's protocol is not ours to see; port 80 tells it in all but odd cases.
  const plain = gateway?.parentRefs.every(({ port }) => port === 80) === true;
  return `${plain ? 'http' : 'https'}://${host}/`;
}
