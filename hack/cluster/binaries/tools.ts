/** One program that the cluster, the tests or the benches need: which version, and where to get it. */
export interface Tool {
  version: string;
  /** Folder below hack/cluster/modules whose go.mod pins it. */
  module: string;
  /** Go package of its main function. */
  package: string;
  ldflags?: string;
  /** Official release, where there is one: the file's URL, and how to find the program in it. */
  release?: (arch: 'amd64' | 'arm64') => Release;
}

export interface Release {
  url: string;
  /** URL of a text that holds the file's SHA-256. */
  sha256Url: string;
  /** Path of the program within a .tar.gz; absent: the file is the program. */
  member?: string;
}

const KUBERNETES = '1.34.4';
const VERSION_PACKAGE = 'k8s.io/component-base/version';
const KUBERNETES_LDFLAGS = [
  `-X ${VERSION_PACKAGE}.gitVersion=v${KUBERNETES}`,
  `-X ${VERSION_PACKAGE}.gitMajor=1`,
  `-X ${VERSION_PACKAGE}.gitMinor=34`,
].join(' ');

function kubernetes(name: string): Tool {
  return {
    version: KUBERNETES,
    module: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    ldflags: KUBERNETES_LDFLAGS,
    release: (arch) => {
      const url = `https://dl.k8s.io/release/v${KUBERNETES}/bin/linux/${arch}/${name}`;
      return { url, sha256Url: `${url}.sha256` };
    },
  };
}

function github(repository: string, tag: string, file: string, sums: string, member?: string): Release {
  const base = `https://github.com/${repository}/releases/download/${tag}`;
  return { url: `${base}/${file}`, sha256Url: `${base}/${sums}`, ...(member !== undefined && { member }) };
}

/** The programs by name. A version here and in the module's go.mod are the same. */
export const TOOLS = {
  etcd: {
    version: '3.6.4',
    module: 'kubernetes',
    package: 'go.etcd.io/etcd/server/v3',
    release: (arch) => {
      const name = `etcd-v3.6.4-linux-${arch}`;
      return github('etcd-io/etcd', 'v3.6.4', `${name}.tar.gz`, 'SHA256SUMS', `${name}/etcd`);
    },
  },
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubelet: kubernetes('kubelet'),
  'kube-proxy': kubernetes('kube-proxy'),
  kubectl: kubernetes('kubectl'),
  helm: {
    version: '4.3.1',
    module: 'helm',
    package: 'helm.sh/helm/v4/cmd/helm',
    release: (arch) => {
      const url = `https://get.helm.sh/helm-v4.3.1-linux-${arch}.tar.gz`;
      return { url, sha256Url: `${url}.sha256sum`, member: `linux-${arch}/helm` };
    },
  },
  coredns: {
    version: '1.15.0',
    module: 'coredns',
    package: 'github.com/coredns/coredns',
    release: (arch) => {
      const file = `coredns_1.15.0_linux_${arch}.tgz`;
      return github('coredns/coredns', 'v1.15.0', file, `${file}.sha256`, 'coredns');
    },
  },
  traefik: {
    version: '3.7.13',
    module: 'traefik',
    package: 'github.com/traefik/traefik/v3/cmd/traefik',
    release: (arch) => {
      const file = `traefik_v3.7.13_linux_${arch}.tar.gz`;
      return github('traefik/traefik', 'v3.7.13', file, 'traefik_v3.7.13_checksums.txt', 'traefik');
    },
  },
  versitygw: {
    version: '1.8.0',
    module: 'versitygw',
    package: 'github.com/versity/versitygw/cmd/versitygw',
    release: (arch) => {
      const name = `versitygw_v1.8.0_Linux_${arch === 'amd64' ? 'x86_64' : arch}`;
      return github('versity/versitygw', 'v1.8.0', `${name}.tar.gz`, 'checksums.txt', `${name}/versitygw`);
    },
  },
  rclone: { version: '1.76.0', module: 'rclone', package: 'github.com/rclone/rclone' },
  kwok: { version: '0.8.0', module: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok' },
  toxiproxy: {
    version: '2.5.0',
    module: 'toxiproxy',
    package: 'github.com/Shopify/toxiproxy/v2/cmd/server',
    release: (arch) =>
      github('Shopify/toxiproxy', 'v2.5.0', `toxiproxy-server-linux-${arch}`, 'checksums.txt'),
  },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof TOOLS;
