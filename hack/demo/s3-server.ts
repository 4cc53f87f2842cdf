import { DEMO_NAMESPACE } from './manifests.ts';

export const S3_SERVER = 's3';
export const S3_PORT = 7070;

/** The S3 server's address as pods have it. */
export const S3_ENDPOINT = `http://${S3_SERVER}.${DEMO_NAMESPACE}.svc:${S3_PORT}`;

/** An S3 server in the demo's namespace, for a cluster that brings none. Its bucket goes with its pod. */
export function s3ServerManifests(
  image: string,
  keys: { accessKeyId: string; secretAccessKey: string },
): object[] {
  const metadata = { name: S3_SERVER, namespace: DEMO_NAMESPACE };
  const labels = { app: 's3-server' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...metadata, name: 's3-root-keys' },
      stringData: { ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: S3_PORT, targetPort: S3_PORT }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 2,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65532,
              runAsGroup: 65532,
              fsGroup: 65532,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            containers: [
              {
                name: 'versitygw',
                image,
                imagePullPolicy: 'IfNotPresent',
                args: ['--port', `:${S3_PORT}`, '--keep-alive', '--quiet', 'posix', '/data'],
                envFrom: [{ secretRef: { name: 's3-root-keys' } }],
                readinessProbe: { tcpSocket: { port: S3_PORT }, periodSeconds: 1 },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
            volumes: [{ name: 'data', emptyDir: {} }],
          },
        },
      },
    },
  ];
}
