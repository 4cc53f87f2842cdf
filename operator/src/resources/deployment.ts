import type { V1Container, V1DeploymentSpec, V1PodSpec } from '@kubernetes/client-node';
import { HTTP_PORT, MANAGEMENT_PORT } from '@s3proxy/proxy/config';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { htpasswdSecretName } from './child-names.ts';
import { computeResources } from './compute-resources.ts';
import { credentialsChecksum, staticCredentials } from './credentials.ts';
import { childLabels, childMetadata, selectorLabels } from './labels.ts';
import { HTPASSWD_DIRECTORY, proxyEnvironment } from './proxy-environment.ts';
import type { Secret } from './secret.ts';
import { serviceAccountName } from './service-account.ts';

export type DeploymentManifest = KubeObject & { spec: V1DeploymentSpec };

export interface DeploymentInputs {
  /** Image for S3Proxies that name none. */
  image: string;
  /** The Secret that `credentials.secretRef` names, with its data; a change of its keys restarts the pods. */
  credentials?: Secret | undefined;
}

/** Restarts the pods when it changes. */
export const CREDENTIALS_CHECKSUM_ANNOTATION = 's3proxy.dev/credentials-checksum';

/** Any user but root; nothing in the image belongs to it. */
const USER = 65532;

/** Seconds between "leave the endpoints" and SIGTERM: ingress controllers learn of it in the meantime. */
const PRE_STOP_SECONDS = 8;
/** Seconds for downloads to end. The proxy exits as soon as none is left. */
const GRACE_SECONDS = 120;

/** The proxy's Deployment. Server-side apply: only fields that matter to us, no defaults. */
export function buildDeployment(s3proxy: ValidS3Proxy, inputs: DeploymentInputs): DeploymentManifest {
  const { name } = s3proxy.metadata;
  const { spec } = s3proxy;
  const credentials = staticCredentials(s3proxy);
  const checksum =
    credentials !== undefined && inputs.credentials !== undefined
      ? credentialsChecksum(credentials, inputs.credentials)
      : undefined;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: childMetadata(s3proxy, name, 'proxy'),
    spec: {
      replicas: spec.replicas,
      selector: { matchLabels: selectorLabels(name) },
      // A new pod is ready before an old one goes.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      revisionHistoryLimit: 3,
      template: {
        metadata: {
          labels: childLabels(name, 'proxy'),
          ...(checksum !== undefined && { annotations: { [CREDENTIALS_CHECKSUM_ANNOTATION]: checksum } }),
        },
        spec: podSpec(s3proxy, spec.image ?? inputs.image),
      },
    },
  };
}

function podSpec(s3proxy: ValidS3Proxy, image: string): V1PodSpec {
  const { name } = s3proxy.metadata;
  const serviceAccount = serviceAccountName(s3proxy);
  return {
    ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
    // The proxy never talks to the Kubernetes API. EKS projects its own token for IRSA and Pod Identity.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(
      (topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: selectorLabels(name) },
        // Pods of the former ReplicaSet are about to go and do not count.
        matchLabelKeys: ['pod-template-hash'],
      }),
    ),
    containers: [proxyContainer(s3proxy, image)],
    ...(s3proxy.spec.auth.basic.enabled && {
      volumes: [{ name: 'auth', secret: { secretName: htpasswdSecretName(name) } }],
    }),
  };
}

function proxyContainer(s3proxy: ValidS3Proxy, image: string): V1Container {
  const { spec } = s3proxy;
  return {
    name: 'proxy',
    image,
    env: proxyEnvironment(s3proxy),
    ports: [
      { name: 'http', containerPort: HTTP_PORT, protocol: 'TCP' },
      { name: 'management', containerPort: MANAGEMENT_PORT, protocol: 'TCP' },
    ],
    resources: computeResources(spec.resources),
    startupProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: {
      httpGet: { path: '/ready', port: 'management' },
      periodSeconds: 5,
      timeoutSeconds: 2,
      failureThreshold: 2,
    },
    livenessProbe: {
      httpGet: { path: '/health', port: 'http' },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    lifecycle: { preStop: { sleep: { seconds: PRE_STOP_SECONDS } } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    ...(spec.auth.basic.enabled && {
      volumeMounts: [{ name: 'auth', mountPath: HTPASSWD_DIRECTORY, readOnly: true }],
    }),
  };
}
