import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaries } from '../binaries/binary.ts';
import { writeKubeconfig } from '../control-plane/kubeconfig.ts';
import { NODE_NAME } from '../control-plane/pki.ts';
import { supervise } from '../control-plane/supervisor.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import {
  CNI_CONFIG,
  CONTAINERD_SOCKET,
  containerdConfig,
  kubeletConfig,
  kubeProxyArguments,
  NODE_ROOT,
} from './configuration.ts';
import { mountHostView } from './host-view.ts';
import { importImages } from './import-images.ts';
import { type MachineState, readMachineState } from './machine-state.ts';
import { configureInterface, isConnected } from './network.ts';

/**
 * The first program inside a machine: sets up its file systems and network, then keeps everything of the node running. Called as
 * `init.ts <directory>`; the machine ends when it does.
 */
const [directory = ''] = process.argv.slice(2);
const logs = join(directory, 'logs');

function configureKernel(): void {
  execFileSync('hostname', [NODE_NAME]);
  // Both belong to the network namespace, not to the host.
  const set = (name: string, value: string) => writeFileSync(`/proc/sys/${name}`, value);
  set('net/ipv4/ip_forward', '1');
  // The ingress controller's pod binds 80 and 443 without being root.
  set('net/ipv4/ip_unprivileged_port_start', '0');
}

async function waitFor(what: string, isThere: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await isThere()) return;
    await sleep(100);
  }
  throw new Error(`${what} did not appear within 30 s`);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function startS3Server({ s3 }: MachineState): Promise<void> {
  const { versitygw } = await binaries('versitygw');
  const args = ['--port', new URL(s3.endpoint).host, '--keep-alive', '--quiet'];
  const env = {
    PATH: process.env.PATH,
    ROOT_ACCESS_KEY: s3.accessKeyId,
    ROOT_SECRET_KEY: s3.secretAccessKey,
    VGW_REGION: s3.region,
  };
  supervise('versitygw', versitygw, [...args, 'posix', join(directory, 's3')], { logs, env });
}

async function startContainerRuntime(): Promise<void> {
  const config = join(NODE_ROOT, 'containerd.toml');
  await mkdir(join(NODE_ROOT, 'cni'), { recursive: true });
  await writeFile(join(NODE_ROOT, 'cni', '10-pods.conflist'), JSON.stringify(CNI_CONFIG));
  await writeFile(config, containerdConfig('/usr/lib/cni'));
  supervise('containerd', 'containerd', ['--config', config], { logs });
  await waitFor(CONTAINERD_SOCKET, () => exists(CONTAINERD_SOCKET));
  await importImages();
}

async function startNodeAgents({ network, cgroup }: MachineState, { pki, url }: ControlPlane): Promise<void> {
  const { address } = network;
  const programs = await binaries('kubelet', 'kube-proxy');
  const kubeletConf = await writeKubeconfig(join(directory, 'kubelet.conf'), url, pki.ca, pki.kubelet);
  const proxyConf = await writeKubeconfig(join(directory, 'kube-proxy.conf'), url, pki.ca, pki.kubeProxy);
  const resolvConf = join(NODE_ROOT, 'resolv.conf');
  await writeFile(resolvConf, '# This machine asks no name server but its own.\n');
  const config = join(NODE_ROOT, 'kubelet.json');
  const settings = { ca: pki.ca, ...pki.kubelet, address, cgroupRoot: cgroup, resolvConf };
  await writeFile(config, JSON.stringify(kubeletConfig(settings)));
  const name = [`--hostname-override=${NODE_NAME}`, `--node-ip=${address}`];
  supervise(
    'kubelet',
    programs.kubelet,
    [`--config=${config}`, `--kubeconfig=${kubeletConf}`, `--root-dir=${NODE_ROOT}/kubelet`, ...name],
    { logs },
  );
  supervise('kube-proxy', programs['kube-proxy'], kubeProxyArguments(proxyConf, address), { logs });
}

const state = await readMachineState(directory);
if (state === undefined) throw new Error(`${directory} holds no machine.json`);
mountHostView(directory);
configureKernel();
await waitFor('the network interface', isConnected);
await configureInterface(state.network);
await startS3Server(state);
const { address } = state.network;
const runtime = startContainerRuntime();
const controlPlane = await startControlPlane({ directory, address, apiPort: 6443, controllers: true });
await runtime;
await startNodeAgents(state, controlPlane);
process.once('SIGTERM', () => process.exit(0));
