import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaries } from '../binaries/binary.ts';
import { command } from '../command.ts';
import { writeKubeconfig } from '../control-plane/kubeconfig.ts';
import { NODE_NAME } from '../control-plane/pki.ts';
import { supervise } from '../control-plane/supervisor.ts';
import { startControlPlane } from '../control-plane.ts';
import {
  CNI_CONFIG,
  CONTAINERD_SOCKET,
  containerdConfig,
  kubeletConfig,
  kubeProxyArguments,
  NODE_ROOT,
} from './configuration.ts';
import type { MachineState } from './machine-state.ts';
import { systemImages } from './system-images.ts';

/**
 * The first program inside a machine: sets up its file systems and network, then keeps everything of the node running. Called as
 * `init.ts <directory>`; the machine ends when it does.
 */
const [directory = ''] = process.argv.slice(2);
const state = JSON.parse(await readFile(join(directory, 'machine.json'), 'utf8')) as MachineState;
const { address } = state.network;
const logs = join(directory, 'logs');

function mountAll(): void {
  const mount = (...args: string[]) => execFileSync('mount', args);
  // Pods' mounts must reach their containers, and nothing must reach the host.
  mount('--make-rshared', '/');
  mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run');
  for (const path of ['node', 'lock', 'netns']) mkdirSync(join('/run', path), { recursive: true });
  for (const path of ['node', 'pod-logs', 's3']) mkdirSync(join(directory, path), { recursive: true });
  mount('--bind', join(directory, 'node'), NODE_ROOT);
  // kubelet writes container logs below /var/log.
  mount('--bind', join(directory, 'pod-logs'), '/var/log');
}

function configureKernel(): void {
  execFileSync('hostname', [NODE_NAME]);
  const set = (name: string, value: string) => writeFileSync(`/proc/sys/${name}`, value);
  set('net/ipv4/ip_forward', '1');
  // The ingress controller's pod binds 80 and 443 without being root.
  set('net/ipv4/ip_unprivileged_port_start', '0');
}

async function waitForFile(path: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return;
    await sleep(100);
  }
  throw new Error(`${path} did not appear within 30 s`);
}

async function importImages(): Promise<void> {
  const ctr = (...args: string[]) =>
    command('ctr', ['-a', CONTAINERD_SOCKET, '-n', 'k8s.io', 'images', ...args]);
  const known = await ctr('ls', '-q');
  for (const archive of await systemImages()) {
    const name = /([a-z]+)-[^/]*\.tar$/.exec(archive)?.[1] ?? archive;
    if (!known.includes(`/${name}:`))
      await ctr('import', '--local', archive).catch(() => ctr('import', archive));
  }
}

mountAll();
configureKernel();
const programs = await binaries('kubelet', 'kube-proxy', 'versitygw');
supervise(
  'versitygw',
  programs.versitygw,
  ['--port', new URL(state.s3.endpoint).host, '--keep-alive', '--quiet', 'posix', join(directory, 's3')],
  {
    logs,
    env: {
      PATH: process.env['PATH'],
      ROOT_ACCESS_KEY: state.s3.accessKeyId,
      ROOT_SECRET_KEY: state.s3.secretAccessKey,
      VGW_REGION: state.s3.region,
    },
  },
);
const controlPlane = await startControlPlane({ directory, address, apiPort: 6443, controllers: true });

mkdirSync(join(NODE_ROOT, 'cni'), { recursive: true });
await writeFile(join(NODE_ROOT, 'cni', '10-pods.conflist'), JSON.stringify(CNI_CONFIG));
await writeFile(join(NODE_ROOT, 'containerd.toml'), containerdConfig('/usr/lib/cni'));
await writeFile(join(NODE_ROOT, 'resolv.conf'), '# This machine asks no name server but its own.\n');
supervise('containerd', 'containerd', ['--config', join(NODE_ROOT, 'containerd.toml')], { logs });
await waitForFile(CONTAINERD_SOCKET);
await importImages();

const { pki, url } = controlPlane;
const kubeletConf = await writeKubeconfig(join(directory, 'kubelet.conf'), url, pki.ca, pki.kubelet);
const proxyConf = await writeKubeconfig(join(directory, 'kube-proxy.conf'), url, pki.ca, pki.kubeProxy);
const configuration = kubeletConfig({
  ca: pki.ca,
  ...pki.kubelet,
  address,
  cgroupRoot: state.cgroup,
  resolvConf: join(NODE_ROOT, 'resolv.conf'),
});
await writeFile(join(NODE_ROOT, 'kubelet.json'), JSON.stringify(configuration));
supervise(
  'kubelet',
  programs.kubelet,
  [
    `--config=${NODE_ROOT}/kubelet.json`,
    `--kubeconfig=${kubeletConf}`,
    `--root-dir=${NODE_ROOT}/kubelet`,
    `--hostname-override=${NODE_NAME}`,
    `--node-ip=${address}`,
  ],
  { logs },
);
supervise('kube-proxy', programs['kube-proxy'], kubeProxyArguments(proxyConf, address), { logs });
process.once('SIGTERM', () => process.exit(0));
