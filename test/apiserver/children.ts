import type { ValidS3Proxy } from '../../operator/src/api/s3proxy.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import {
  DEPLOYMENT,
  HORIZONTAL_POD_AUTOSCALER,
  INGRESS,
  NETWORK_POLICY,
  POD_DISRUPTION_BUDGET,
  type ResourceKind,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../../operator/src/kube/resource-kind.ts';
import { buildBasicAuthSecret } from '../../operator/src/resources/basic-auth-secret.ts';
import { buildCaSecret } from '../../operator/src/resources/ca-secret.ts';
import { buildCertificate } from '../../operator/src/resources/certificate.ts';
import { buildDeployment } from '../../operator/src/resources/deployment.ts';
import { CERTIFICATE, HTTP_ROUTE, MIDDLEWARE } from '../../operator/src/resources/foreign-kinds.ts';
import { buildHorizontalPodAutoscaler } from '../../operator/src/resources/horizontal-pod-autoscaler.ts';
import { buildHtpasswdSecret } from '../../operator/src/resources/htpasswd-secret.ts';
import { buildHttpRoute } from '../../operator/src/resources/http-route.ts';
import { buildIngress } from '../../operator/src/resources/ingress.ts';
import { buildIngressAuthSecret } from '../../operator/src/resources/ingress-auth-secret.ts';
import { buildMiddleware } from '../../operator/src/resources/middleware.ts';
import { buildNetworkPolicy } from '../../operator/src/resources/network-policy.ts';
import { generatePassword } from '../../operator/src/resources/password.ts';
import { buildPodDisruptionBudget } from '../../operator/src/resources/pod-disruption-budget.ts';
import { buildService } from '../../operator/src/resources/service.ts';
import { buildServiceAccount } from '../../operator/src/resources/service-account.ts';
import { buildTlsSecret } from '../../operator/src/resources/tls-secret.ts';
import {
  issueCertificateAuthority,
  issueServerCertificate,
  type KeyPair,
} from '../../operator/src/resources/x509.ts';

export interface Certificates {
  authority: KeyPair;
  server: KeyPair;
}

type Child = [kind: ResourceKind, manifest: KubeObject];

/** A pair for the certificate Secrets; slow to make, so once for all children. */
export async function issueCertificates(): Promise<Certificates> {
  const authority = issueCertificateAuthority('CA', new Date());
  return {
    authority,
    server: issueServerCertificate(authority, 'a.example.com', new Date()),
  };
}

/** The children that an S3Proxy has, of kinds that every API server knows. */
export async function builtInChildren(
  s3proxy: ValidS3Proxy,
  { authority, server }: Certificates,
): Promise<Child[]> {
  const source = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'source' } };
  return wanted([
    [DEPLOYMENT, buildDeployment(s3proxy, { image: 'example.com/s3proxy-proxy:1' })],
    [SERVICE, buildService(s3proxy)],
    [INGRESS, buildIngress(s3proxy)],
    [SERVICE_ACCOUNT, buildServiceAccount(s3proxy)],
    [HORIZONTAL_POD_AUTOSCALER, buildHorizontalPodAutoscaler(s3proxy)],
    [POD_DISRUPTION_BUDGET, buildPodDisruptionBudget(s3proxy)],
    [NETWORK_POLICY, buildNetworkPolicy(s3proxy, { operatorNamespace: 's3proxy-system' })],
    [SECRET, await ingressAuthSecret(s3proxy, source)],
    [SECRET, buildBasicAuthSecret(s3proxy, { existing: undefined, generatePassword })],
    [SECRET, buildHtpasswdSecret(s3proxy, source, 'user:hash\n')],
    [SECRET, buildCaSecret(s3proxy, authority)],
    [SECRET, buildTlsSecret(s3proxy, server, authority)],
  ]);
}

/** Those of other projects' kinds. */
export function foreignChildren(s3proxy: ValidS3Proxy): Child[] {
  return wanted([
    [HTTP_ROUTE, buildHttpRoute(s3proxy)],
    [CERTIFICATE, buildCertificate(s3proxy)],
    [MIDDLEWARE, buildMiddleware(s3proxy)],
  ]);
}

export function inDefaultNamespace(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
}

async function ingressAuthSecret(s3proxy: ValidS3Proxy, source: KubeObject): Promise<KubeObject | undefined> {
  const credentials = { kind: 'password', username: 'ann', password: 'secret' } as const;
  const built = await buildIngressAuthSecret(s3proxy, source, credentials, undefined);
  if (built?.ok === false) throw new Error(built.fault);
  return built?.secret;
}

function wanted(children: readonly [ResourceKind, KubeObject | undefined][]): Child[] {
  return children.flatMap(([kind, manifest]): Child[] => (manifest === undefined ? [] : [[kind, manifest]]));
}
