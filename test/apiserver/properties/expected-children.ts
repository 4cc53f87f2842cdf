import type { ValidS3Proxy } from '../../../operator/src/api/s3proxy.ts';
import type { KubeObject } from '../../../operator/src/kube/objects.ts';
import { authEnforcement } from '../../../operator/src/resources/auth-enforcement.ts';
import { buildCertificate } from '../../../operator/src/resources/certificate.ts';
import {
  basicAuthSecretName,
  caSecretName,
  htpasswdSecretName,
  tlsSecretName,
} from '../../../operator/src/resources/child-names.ts';
import { buildDeployment } from '../../../operator/src/resources/deployment.ts';
import { buildHorizontalPodAutoscaler } from '../../../operator/src/resources/horizontal-pod-autoscaler.ts';
import { buildHttpRoute } from '../../../operator/src/resources/http-route.ts';
import { buildIngress } from '../../../operator/src/resources/ingress.ts';
import { wantedIngressAuthSecret } from '../../../operator/src/resources/ingress-auth-secret.ts';
import { buildMiddleware } from '../../../operator/src/resources/middleware.ts';
import { buildNetworkPolicy } from '../../../operator/src/resources/network-policy.ts';
import { buildPodDisruptionBudget } from '../../../operator/src/resources/pod-disruption-budget.ts';
import type { Secret } from '../../../operator/src/resources/secret.ts';
import { buildService } from '../../../operator/src/resources/service.ts';
import { buildServiceAccount } from '../../../operator/src/resources/service-account.ts';
import { ingressTls } from '../../../operator/src/resources/tls-source.ts';
import { OPERATOR_NAMESPACE, PROXY_IMAGE } from '../survival/operator-process.ts';

/** What there is to be for an S3Proxy: manifests, and the names of the Secrets, whose values are random. */
export interface ExpectedChildren {
  manifests: KubeObject[];
  secrets: string[];
}

/** What the builders say. `credentials` is the Secret with static keys, if the spec names one. */
export function expectedChildren(s3proxy: ValidS3Proxy, credentials: Secret | undefined): ExpectedChildren {
  const { name } = s3proxy.metadata;
  const manifests = [
    buildDeployment(s3proxy, { image: PROXY_IMAGE, credentials }),
    buildService(s3proxy),
    buildIngress(s3proxy),
    buildServiceAccount(s3proxy),
    buildHorizontalPodAutoscaler(s3proxy),
    buildPodDisruptionBudget(s3proxy),
    buildNetworkPolicy(s3proxy, { operatorNamespace: OPERATOR_NAMESPACE }),
    buildHttpRoute(s3proxy),
    buildCertificate(s3proxy),
    buildMiddleware(s3proxy),
  ].filter((manifest) => manifest !== undefined);
  const enforcement = authEnforcement(s3proxy);
  const secrets = [
    enforcement !== 'nobody' && s3proxy.spec.auth.basic.secretRef === undefined
      ? basicAuthSecretName(name)
      : undefined,
    enforcement === 'proxy' ? htpasswdSecretName(name) : wantedIngressAuthSecret(s3proxy),
    ...(ingressTls(s3proxy).source === 'selfSigned' ? [caSecretName(name), tlsSecretName(name)] : []),
  ].filter((secret) => secret !== undefined);
  return { manifests, secrets };
}
