import type { V1DeploymentSpec } from '@kubernetes/client-node';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { credentialsChecksum, staticCredentials } from './credentials.ts';
import { childMetadata, selectorLabels } from './labels.ts';
import type { Manifest } from './manifest.ts';
import { podTemplate } from './pod-template.ts';
import type { Telemetry } from './proxy-environment.ts';
import type { Secret } from './secret.ts';

export type DeploymentManifest = Manifest<V1DeploymentSpec>;

/** What all S3Proxies have in common. */
export interface ProxyDefaults {
  /** Image for S3Proxies that name none. */
  image: string;
  /** Where proxies send their traces. */
  telemetry?: Telemetry;
}

export interface DeploymentInputs extends ProxyDefaults {
  /** The Secret that `credentials.secretRef` names, with its data; a change of its keys restarts the pods. */
  credentials?: Secret | undefined;
}

/** Restart the pods when they change. */
export const CREDENTIALS_CHECKSUM_ANNOTATION = 's3proxy.dev/credentials-checksum';
const ROLE_ANNOTATION = 's3proxy.dev/role-arn';

/**
 * The proxy's Deployment: only fields that matter to us, no defaults. With autoscaling `replicas` is left out, for it is
 * then the HorizontalPodAutoscaler's.
 */
export function buildDeployment(s3proxy: ValidS3Proxy, inputs: DeploymentInputs): DeploymentManifest {
  const { name } = s3proxy.metadata;
  const { spec } = s3proxy;
  const image = spec.image ?? inputs.image;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: childMetadata(s3proxy, name, 'proxy'),
    spec: {
      ...(spec.autoscaling === undefined && { replicas: spec.replicas }),
      selector: { matchLabels: selectorLabels(name) },
      // A new pod is ready before an old one goes.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      revisionHistoryLimit: 3,
      template: podTemplate(s3proxy, image, restartingAnnotations(s3proxy, inputs), inputs.telemetry),
    },
  };
}

/** What is not part of the template itself and must restart the pods all the same. */
function restartingAnnotations(s3proxy: ValidS3Proxy, inputs: DeploymentInputs): Record<string, string> {
  const credentials = staticCredentials(s3proxy);
  const { roleArn } = s3proxy.spec.credentials;
  return {
    // EKS gives a pod the role of its account when the pod is made, and never again.
    ...(roleArn !== undefined && { [ROLE_ANNOTATION]: roleArn }),
    ...(credentials !== undefined &&
      inputs.credentials !== undefined && {
        [CREDENTIALS_CHECKSUM_ANNOTATION]: credentialsChecksum(credentials, inputs.credentials),
      }),
  };
}
