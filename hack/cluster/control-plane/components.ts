import type { CertificateFiles, ServiceAccountKeyFiles } from './certificates.ts';

/** Where the control plane's parts listen and keep their files. */
export interface ControlPlaneLayout {
  directory: string;
  address: string;
  apiPort: number;
  etcdPort: number;
  etcdPeerPort: number;
  etcdUnsafeNoFsync: boolean;
  serviceCidr: string;
  admissionPlugins: readonly string[];
  ca: string;
  serving: CertificateFiles;
  kubeletClient: CertificateFiles;
  serviceAccountKeys: ServiceAccountKeyFiles;
  auditPolicy: string;
  auditLog: string;
}

const LOOPBACK = '127.0.0.1';

export function etcdArguments(layout: ControlPlaneLayout): string[] {
  const client = `http://${LOOPBACK}:${layout.etcdPort}`;
  const peer = `http://${LOOPBACK}:${layout.etcdPeerPort}`;
  return [
    `--data-dir=${layout.directory}/etcd`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--log-level=warn',
    ...(layout.etcdUnsafeNoFsync ? ['--unsafe-no-fsync'] : []),
  ];
}

export function apiServerArguments(layout: ControlPlaneLayout): string[] {
  const { serving, kubeletClient, serviceAccountKeys } = layout;
  return [
    `--etcd-servers=http://${LOOPBACK}:${layout.etcdPort}`,
    `--bind-address=${layout.address}`,
    `--advertise-address=${layout.address}`,
    `--secure-port=${layout.apiPort}`,
    `--tls-cert-file=${serving.cert}`,
    `--tls-private-key-file=${serving.key}`,
    `--client-ca-file=${layout.ca}`,
    `--kubelet-client-certificate=${kubeletClient.cert}`,
    `--kubelet-client-key=${kubeletClient.key}`,
    `--kubelet-certificate-authority=${layout.ca}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--service-account-key-file=${serviceAccountKeys.publicKey}`,
    `--service-account-signing-key-file=${serviceAccountKeys.privateKey}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-cluster-ip-range=${layout.serviceCidr}`,
    '--authorization-mode=Node,RBAC',
    ...(layout.admissionPlugins.length > 0
      ? [`--enable-admission-plugins=${layout.admissionPlugins.join(',')}`]
      : []),
    '--allow-privileged=true',
    `--audit-policy-file=${layout.auditPolicy}`,
    `--audit-log-path=${layout.auditLog}`,
    '--audit-log-maxsize=200',
    '--audit-log-maxbackup=1',
    // A restart must not wait for watches of the tests' own clients.
    '--shutdown-send-retry-after=true',
    ...(isLoopback(layout.address) ? ['--endpoint-reconciler-type=none'] : []),
  ];
}

/** Address of the `kubernetes` Service: the first of the range. */
export function firstServiceAddress(cidr: string): string {
  const [address = ''] = cidr.split('/');
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + 1;
  return [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.');
}

export function controllerManagerArguments(kubeconfig: string, layout: ControlPlaneLayout): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${layout.serviceAccountKeys.privateKey}`,
    `--root-ca-file=${layout.ca}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--secure-port=0',
    // The node is on this machine: it is not given up, and its pods with it, because the API server was away for a minute.
    '--node-monitor-grace-period=10m',
  ];
}

export function schedulerArguments(kubeconfig: string): string[] {
  return [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'];
}

/** An API server on loopback alone cannot be the endpoint of the kubernetes Service: endpoints may not be 127.0.0.0/8. */
function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

/** Every request of a workload, and every write of anybody, once it is answered. Contents are never logged. */
export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', users: ['system:apiserver', 'system:kube-scheduler', 'system:kube-proxy'] },
    { level: 'None', users: ['system:kube-controller-manager'] },
    { level: 'None', userGroups: ['system:nodes', 'system:serviceaccounts:kube-system'] },
    { level: 'None', nonResourceURLs: ['/readyz*', '/healthz*', '/livez*', '/metrics'] },
    { level: 'Metadata' },
  ],
};
