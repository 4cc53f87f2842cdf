import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaries } from './binaries/binary.ts';
import { command } from './command.ts';
import { installAddons } from './node/addons.ts';
import { createCgroups, removeCgroups } from './node/cgroups.ts';
import { CONTAINERD_SOCKET } from './node/configuration.ts';
import { isUp, type MachineState, readMachineState, writeMachineState } from './node/machine-state.ts';
import { chooseNetwork, createNetwork, removeNetwork } from './node/network.ts';
import { ensurePrerequisites } from './node/prerequisites.ts';
import { systemImages } from './node/system-images.ts';
import { processStart } from './process-start.ts';
import { step } from './progress.ts';

export interface ClusterOptions {
  /** Holds all there is of the cluster; started again on it, the cluster has its data and addresses again. */
  directory: string;
  /** Lives on when this process ends, until `stopCluster`. Default false: it dies with this process. */
  detached?: boolean | undefined;
}

export interface Cluster {
  readonly directory: string;
  readonly kubeconfig: string;
  /** Of the node: the Ingress on ports 80 and 443, the API server on 6443. This machine reaches it. */
  readonly address: string;
  /** This machine, as pods reach it. */
  readonly hostAddress: string;
  readonly s3: MachineState['s3'];
  readonly auditLog: string;
  /** Loads an image archive as `docker save` writes it. */
  loadImage(archive: string): Promise<void>;
  /** Runs a program inside the machine and gives its stdout. */
  execute(file: string, ...args: string[]): Promise<string>;
}

const S3_PORT = 7070;
const START_MS = 180_000;

/** Starts a whole single-node Kubernetes, with an ingress controller and an S3 server, in namespaces of its own. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  await ensurePrerequisites();
  await binaries('etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler');
  await binaries('kubelet', 'kube-proxy', 'kubectl', 'versitygw');
  await systemImages();
  await mkdir(options.directory, { recursive: true });
  const directory = await realpath(options.directory);
  const before = await readMachineState(directory);
  if (before !== undefined && (await isUp(before))) {
    throw new Error(`a cluster is already running from ${directory}; stop it first`);
  }
  const state = before ?? (await newState(directory));
  await writeMachineState(directory, state);
  await createNetwork(state.network);
  await createCgroups(state.cgroup);
  try {
    state.pid = boot(directory, state.network.namespace, options.detached === true);
    state.startedAt = await processStart(state.pid);
    await writeMachineState(directory, state);
    const cluster = clusterOf(directory, state);
    await step('waiting for the node to be ready', () => nodeReady(cluster, state));
    await installAddons(cluster);
    return cluster;
  } catch (error) {
    await stopCluster(directory);
    throw new Error(`the cluster did not start; its logs are in ${join(directory, 'logs')}`, {
      cause: error,
    });
  }
}

/** The cluster that runs from a directory; undefined when none does. */
export async function openCluster(directory: string): Promise<Cluster | undefined> {
  const state = await readMachineState(directory);
  return state !== undefined && (await isUp(state)) ? clusterOf(await realpath(directory), state) : undefined;
}

/**
 * Ends a cluster as a power failure would, keeping its data. Safe to call for one that is not running, or in part.
 * With `purge` its directory goes too.
 */
export async function stopCluster(directory: string, { purge = false } = {}): Promise<void> {
  const state = await readMachineState(directory);
  if (state !== undefined) {
    if (state.pid !== undefined && (await isUp(state))) {
      process.kill(state.pid, 'SIGKILL');
      while (await isUp(state)) await sleep(50);
    }
    await removeNetwork(state.network);
    await removeCgroups(state.cgroup);
    await writeMachineState(directory, { ...state, pid: undefined, startedAt: undefined });
  }
  if (purge) await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
}

async function newState(directory: string): Promise<MachineState> {
  const network = await chooseNetwork(directory);
  return {
    network,
    cgroup: network.namespace,
    s3: {
      endpoint: `http://${network.address}:${S3_PORT}`,
      region: 'us-east-1',
      accessKeyId: randomBytes(10).toString('hex').toUpperCase(),
      secretAccessKey: randomBytes(20).toString('hex'),
    },
  };
}

/**
 * Starts the machine's first process in mount, process and host name namespaces of its own, inside the network namespace. With
 * that process gone, the kernel ends all others and drops the mounts.
 */
function boot(directory: string, namespace: string, detached: boolean): number {
  const log = openSync(join(directory, 'boot.log'), 'a');
  const child = spawn(
    'setpriv',
    [
      ...(detached ? ['--pdeathsig', 'clear'] : ['--pdeathsig', 'KILL']),
      ...['nsenter', `--net=/run/netns/${namespace}`],
      ...['unshare', '--mount', '--pid', '--uts', '--fork', '--kill-child', '--mount-proc'],
      // A shell is the first process, because it takes care of orphans, as node does not.
      ...['bash', '-c', '"$0" "$@"; exit $?', process.execPath],
      ...[join(import.meta.dirname, 'node', 'init.ts'), directory],
    ],
    { stdio: ['ignore', log, log], detached },
  );
  closeSync(log);
  if (detached) child.unref();
  if (child.pid === undefined) throw new Error('the machine could not be started: is util-linux installed?');
  return child.pid;
}

function clusterOf(directory: string, state: MachineState): Cluster {
  const { address, hostAddress } = state.network;
  const execute = (file: string, ...args: string[]): Promise<string> =>
    insideOf(state).then((entry) => command('nsenter', [...entry, file, ...args]));
  return {
    directory,
    kubeconfig: join(directory, 'kubeconfig'),
    address,
    hostAddress,
    s3: state.s3,
    auditLog: join(directory, 'logs', 'audit.log'),
    execute,
    loadImage: async (archive) => {
      await execute('ctr', '-a', CONTAINERD_SOCKET, '-n', 'k8s.io', 'images', 'import', archive);
    },
  };
}

/** Arguments of nsenter for the machine: those of the first process in it, the child of the one that we know. */
async function insideOf(state: MachineState): Promise<string[]> {
  const children = await command('cat', [`/proc/${state.pid}/task/${state.pid}/children`]);
  return ['--target', children.trim().split(' ')[0] ?? '', '--mount', '--pid', '--net', '--uts'];
}

async function nodeReady(cluster: Cluster, state: MachineState): Promise<void> {
  const { kubectl } = await binaries('kubectl');
  const deadline = performance.now() + START_MS;
  // After a reboot the API server still has what the kubelet said before it: only a newer heartbeat counts.
  const started = Date.now();
  const ready = '.items[*].status.conditions[?(@.type=="Ready")]';
  const query = ['get', 'node', '-o', `jsonpath={${ready}.status} {${ready}.lastHeartbeatTime}`];
  for (;;) {
    if (!(await isUp(state)))
      throw new Error(`the machine ended; see ${join(cluster.directory, 'boot.log')}`);
    const answer = await command(kubectl, ['--kubeconfig', cluster.kubeconfig, ...query]).catch(String);
    const [status, heartbeat = ''] = answer.trim().split(' ');
    if (status === 'True' && Date.parse(heartbeat) >= started - 1_000) return;
    if (performance.now() > deadline)
      throw new Error(`the node was not ready within ${START_MS / 1000} s: ${answer}`);
    await sleep(300);
  }
}
