import { NODE_NAME } from '../control-plane/pki.ts';
import { PAUSE_IMAGE } from './system-images.ts';

/** Inside the machine everything of the node is below this path: short enough for Unix sockets. */
export const NODE_ROOT = '/run/node';
/** Outside of it, so that no reboot finds the socket of a process that is gone. */
export const CONTAINERD_SOCKET = '/run/containerd.sock';
export const CLUSTER_DNS = '10.96.0.10';
export const POD_CIDR = '10.244.0.0/24';

/** containerd's configuration. */
export function containerdConfig(cniBinaries: string): string {
  return `version = 2
root = "${NODE_ROOT}/containerd"
state = "/run/containerd-state"
# Adjusting scores takes CAP_SYS_RESOURCE, which is not everywhere.
[grpc]
  address = "${CONTAINERD_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniBinaries}"
    conf_dir = "${NODE_ROOT}/cni"
`;
}

/**
 * The pod network: addresses from one range, and for each pod a link to the node. All traffic is routed, so that the node's
 * iptables see it, as they see bridged traffic only where the br_netfilter module is loaded. Leases lie in /run, so a reboot
 * forgets them.
 */
export const CNI_CONFIG = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'ptp',
      ipMasq: true,
      ipam: {
        type: 'host-local',
        dataDir: '/run/cni-leases',
        ranges: [[{ subnet: POD_CIDR }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

/** kubelet.config.k8s.io/v1beta1 */
export function kubeletConfig(options: {
  ca: string;
  cert: string;
  key: string;
  address: string;
  cgroupRoot: string;
  resolvConf: string;
}): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: options.address,
    authentication: {
      x509: { clientCAFile: options.ca },
      webhook: { enabled: true },
      anonymous: { enabled: false },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: options.cert,
    tlsPrivateKeyFile: options.key,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${options.cgroupRoot}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [CLUSTER_DNS],
    clusterDomain: 'cluster.local',
    resolvConf: options.resolvConf,
    oomScoreAdj: 0,
    healthzPort: 0,
    // The images are made here and can be fetched from nowhere: never collect them as garbage.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    serializeImagePulls: false,
    registerWithTaints: [],
    shutdownGracePeriod: '0s',
  };
}

export function kubeProxyArguments(kubeconfig: string, address: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${NODE_NAME}`,
    '--proxy-mode=iptables',
    `--cluster-cidr=${POD_CIDR}`,
    `--healthz-bind-address=${address}:10256`,
    `--metrics-bind-address=${address}:10249`,
    // The table's size belongs to the host.
    '--conntrack-max-per-core=0',
    '--conntrack-min=0',
    '--oom-score-adj=0',
  ];
}
