import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import { HTTP_PORT, MANAGEMENT_PORT } from '@s3proxy/proxy/config';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { authEnforcement } from './auth-enforcement.ts';
import { htpasswdSecretName } from './child-names.ts';
import { computeResources } from './compute-resources.ts';
import { withoutEmptyLists, withoutEmptyTexts } from './empty-values.ts';
import { childLabels, selectorLabels } from './labels.ts';
import type { Json } from './manifest.ts';
import { HTPASSWD_DIRECTORY, proxyEnvironment, type Telemetry } from './proxy-environment.ts';
import { serviceAccountName } from './service-account.ts';

export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: Json<V1PodSpec>;
}

/** Twice in a row, so that one slow answer takes no pod out. Together well below the seconds for which a pod that is to go takes requests. */
const READINESS_FAILURES = 2;
const READINESS_PERIOD_SECONDS = 2;

/** Any user but root; nothing in the image belongs to it. */
const USER = 65532;

/** Pods that satisfy the Restricted Pod Security Standard. `annotations` are the operator's own. */
export function podTemplate(
  s3proxy: ValidS3Proxy,
  image: string,
  annotations: Record<string, string>,
  telemetry?: Telemetry,
): PodTemplate {
  const { podTemplate: given } = s3proxy.spec;
  const annotated = { ...given.annotations, ...annotations };
  return {
    metadata: {
      labels: { ...given.labels, ...childLabels(s3proxy.metadata.name, 'proxy') },
      ...(Object.keys(annotated).length > 0 && { annotations: annotated }),
    },
    spec: podSpec(s3proxy, proxyContainer(s3proxy, image, telemetry)),
  };
}

function podSpec(s3proxy: ValidS3Proxy, container: Json<V1Container>): Json<V1PodSpec> {
  const { name } = s3proxy.metadata;
  const { podTemplate: given, imagePullSecrets } = s3proxy.spec;
  return withoutEmptyLists({
    serviceAccountName: serviceAccountName(s3proxy),
    // The proxy never talks to the Kubernetes API. EKS projects its own token for IRSA and Pod Identity.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: given.terminationGracePeriodSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    topologySpreadConstraints: topologySpread(s3proxy),
    nodeSelector: given.nodeSelector,
    tolerations: given.tolerations?.map(withoutEmptyTexts),
    affinity: given.affinity,
    priorityClassName: given.priorityClassName,
    imagePullSecrets,
    containers: [container],
    volumes:
      authEnforcement(s3proxy) === 'proxy'
        ? [{ name: 'auth', secret: { secretName: htpasswdSecretName(name) } }]
        : undefined,
  });
}

function topologySpread({ metadata, spec }: ValidS3Proxy): Json<V1PodSpec>['topologySpreadConstraints'] {
  const constraints =
    spec.podTemplate.topologySpreadConstraints ??
    ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
    }));
  if (constraints.length === 0) return undefined;
  return constraints.map((constraint) => ({
    ...constraint,
    labelSelector: { matchLabels: selectorLabels(metadata.name) },
    // Pods of the former ReplicaSet are about to go and do not count.
    matchLabelKeys: ['pod-template-hash'],
  }));
}

function proxyContainer(s3proxy: ValidS3Proxy, image: string, telemetry?: Telemetry): Json<V1Container> {
  const { spec } = s3proxy;
  const health = {
    httpGet: { path: '/health', port: spec.content?.publishHealthKey === true ? 'management' : 'http' },
  };
  return {
    name: 'proxy',
    image,
    imagePullPolicy: spec.imagePullPolicy,
    env: proxyEnvironment(s3proxy, telemetry),
    ports: [
      { name: 'http', containerPort: HTTP_PORT, protocol: 'TCP' },
      { name: 'management', containerPort: MANAGEMENT_PORT, protocol: 'TCP' },
    ],
    resources: computeResources(spec),
    startupProbe: { ...health, periodSeconds: 1, failureThreshold: 60 },
    // Often: a kubelet under pressure ends a pod without deleting it, and only this tells others, in good time before the pod stops listening.
    readinessProbe: {
      httpGet: { path: '/ready', port: 'management' },
      periodSeconds: READINESS_PERIOD_SECONDS,
      timeoutSeconds: 2,
      failureThreshold: READINESS_FAILURES,
    },
    livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts:
      authEnforcement(s3proxy) === 'proxy'
        ? [{ name: 'auth', mountPath: HTPASSWD_DIRECTORY, readOnly: true }]
        : undefined,
  };
}
