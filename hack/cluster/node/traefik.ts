import { TRAEFIK_IMAGE } from './system-images.ts';

const labels = { app: 'traefik' };
const metadata = { name: 'traefik', namespace: 'kube-system' };

const PING_PORT = 8082;

/** IngressClasses that the controller serves: its own, and the one of ingress-nginx, whose annotations it reads. */
export const INGRESS_CLASSES = ['traefik', 'nginx'] as const;

const GATEWAY_RULES = [
  { apiGroups: ['gateway.networking.k8s.io'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['gateway.networking.k8s.io'], resources: ['*/status'], verbs: ['update', 'patch'] },
];

/**
 * The ingress controller, on ports 80 and 443 of the node. Its permissions come first: without them at its start it never
 * routes.
 * @param gateway whether it serves Gateways too, whose definitions must be there by then
 */
export function traefikManifests(address: string, { gateway = false } = {}): object[] {
  const read = ['get', 'list', 'watch'];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'local:traefik' },
      rules: [
        {
          apiGroups: [''],
          resources: ['services', 'secrets', 'nodes', 'configmaps', 'namespaces', 'endpoints', 'pods'],
          verbs: read,
        },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingressclasses'], verbs: read },
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['update', 'patch'] },
        ...(gateway ? GATEWAY_RULES : []),
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'local:traefik' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'local:traefik' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'traefik', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'traefik.io/ingress-controller' },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'nginx' },
      spec: { controller: 'k8s.io/ingress-nginx' },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'traefik',
            hostNetwork: true,
            priorityClassName: 'system-cluster-critical',
            containers: [
              {
                name: 'traefik',
                image: TRAEFIK_IMAGE,
                imagePullPolicy: 'Never',
                args: [
                  '--entrypoints.web.address=:80',
                  '--entrypoints.websecure.address=:443',
                  '--entrypoints.websecure.http.tls=true',
                  `--entrypoints.ping.address=:${PING_PORT}`,
                  '--ping=true',
                  '--ping.entrypoint=ping',
                  '--providers.kubernetesingress=true',
                  `--providers.kubernetesingress.ingressendpoint.ip=${address}`,
                  '--providers.kubernetesingressnginx=true',
                  ...(gateway ? ['--providers.kubernetesgateway=true'] : []),
                  '--global.checknewversion=false',
                  '--global.sendanonymoususage=false',
                  '--log.level=INFO',
                ],
                readinessProbe: {
                  httpGet: { path: '/ping', port: PING_PORT, host: address },
                  periodSeconds: 1,
                },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  runAsNonRoot: true,
                  capabilities: { drop: ['ALL'] },
                  seccompProfile: { type: 'RuntimeDefault' },
                },
              },
            ],
          },
        },
      },
    },
  ];
}
