import type { V1IngressSpec } from '@kubernetes/client-node';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { childMetadata } from './labels.ts';
import { SERVICE_PORT } from './service.ts';
import { ingressTls } from './tls-source.ts';

export type IngressManifest = KubeObject & { spec: V1IngressSpec };

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

/** The Ingress; undefined when it is not wanted. */
export function buildIngress(s3proxy: ValidS3Proxy): IngressManifest | undefined {
  const { ingress } = s3proxy.spec;
  const { name } = s3proxy.metadata;
  const { host } = ingress;
  if (!ingress.enabled || host === undefined) return undefined;
  const tls = ingressTls(s3proxy);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: childMetadata(s3proxy, name, 'proxy', { ...DEFAULT_ANNOTATIONS, ...ingress.annotations }),
    spec: {
      ...(ingress.className !== undefined && { ingressClassName: ingress.className }),
      ...(tls.source !== 'disabled' && { tls: [{ hosts: [host], secretName: tls.secretName }] }),
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

/** Where the bucket is published, ending in "/"; undefined without an Ingress. */
export function publishedUrl(s3proxy: ValidS3Proxy): string | undefined {
  const { enabled, host, path } = s3proxy.spec.ingress;
  if (!enabled || host === undefined) return undefined;
  const scheme = ingressTls(s3proxy).source === 'disabled' ? 'http' : 'https';
  return `${scheme}://${host}${path.endsWith('/') ? path : `${path}/`}`;
}
