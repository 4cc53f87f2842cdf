import { createHash, randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaries } from './binaries/binary.ts';
import { withLock } from './binaries/lock.ts';
import { prepareDirectory, removeOwnFiles } from './directory.ts';
import { runKubectl } from './kubectl.ts';
import { installAddons } from './node/addons.ts';
import { createCgroups, removeCgroups } from './node/cgroups.ts';
import { CONTAINERD_SOCKET } from './node/configuration.ts';
import { boot, cutPower, executeInside, tailOfBootLog } from './node/machine.ts';
import {
  isAlive,
  type MachineState,
  type RunningMachine,
  readMachineState,
  runningMachine,
  writeMachineState,
} from './node/machine-state.ts';
import { chooseNetwork, connectHost, disconnectHost, hostRoutes, keepNetwork } from './node/network.ts';
import { ensureNodePrerequisites } from './node/prerequisites.ts';
import { systemImages } from './node/system-images.ts';
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
/** One cluster at a time takes addresses. */
const NETWORK_LOCK = '/run/lock/s3proxy-network.lock';

/**
 * Starts a whole single-node Kubernetes, with an ingress controller and an S3 server, in namespaces of its own.
 * @throws Error that says what is missing, or which log to look at
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  await ensureNodePrerequisites();
  await binaries('etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler');
  await binaries('kubelet', 'kube-proxy', 'kubectl', 'versitygw');
  await systemImages();
  const directory = await prepareDirectory(options.directory);
  return withLock(join(directory, 'start.lock'), async () => {
    const before = await readMachineState(directory);
    if ((await runningMachine(before)) !== undefined) {
      throw new Error(`a cluster is already running from ${directory}; stop it first`);
    }
    if (before !== undefined) await tearDown(before);
    return start(directory, before ?? newState(directory), options.detached === true);
  });
}

/** The cluster that runs from a directory; undefined when none does. */
export async function openCluster(directory: string): Promise<Cluster | undefined> {
  const machine = await runningMachine(await readMachineState(directory));
  return machine === undefined ? undefined : clusterOf(await realpath(directory), machine);
}

/**
 * Ends a cluster as a power failure would, keeping its data. Safe to call for one that is not running, or in part.
 * With `purge` its data go too, and the directory if nothing else is in it.
 */
export async function stopCluster(directory: string, { purge = false } = {}): Promise<void> {
  const state = await readMachineState(directory);
  if (state !== undefined) {
    await tearDown(state);
    if (!purge) await writeMachineState(directory, { ...state, power: undefined });
  }
  if (purge) await removeOwnFiles(directory);
}

/** What a machine is made with; its network is chosen at each start. */
function newState(directory: string): Omit<MachineState, 'network'> {
  const id = createHash('sha256').update(directory).digest('hex').slice(0, 8);
  return {
    id,
    cgroup: `s3p-${id}`,
    s3: {
      endpoint: '',
      region: 'us-east-1',
      accessKeyId: randomBytes(10).toString('hex').toUpperCase(),
      secretAccessKey: randomBytes(20).toString('hex'),
    },
  };
}

async function start(
  directory: string,
  before: Omit<MachineState, 'network'> & Partial<MachineState>,
  detached: boolean,
): Promise<Cluster> {
  let state: MachineState | undefined;
  // After a reboot the API server still has what was said before it: only what is newer counts. Kubernetes counts in seconds.
  const since = Date.now() - 1_000;
  try {
    const machine = await withLock(NETWORK_LOCK, async () => {
      const routes = await hostRoutes();
      const network = before.network
        ? keepNetwork(before.network, before.id, routes)
        : chooseNetwork(before.id, routes);
      const s3 = { ...before.s3, endpoint: `http://${network.address}:${S3_PORT}` };
      state = { ...before, network, s3, power: undefined };
      await writeMachineState(directory, state);
      await createCgroups(state.cgroup);
      const power = await boot({ directory, detached });
      const running = { ...state, power };
      state = running;
      await writeMachineState(directory, running);
      await connectHost(network, power.init.pid);
      return running;
    });
    const cluster = clusterOf(directory, machine);
    await step('waiting for the node to be ready', () => nodeReady(cluster, machine, since));
    await installAddons(cluster, since);
    return cluster;
  } catch (error) {
    if (state !== undefined) await tearDown(state);
    throw new Error(`the cluster did not start; its logs are in ${join(directory, 'logs')}`, {
      cause: error,
    });
  }
}

async function tearDown(state: MachineState): Promise<void> {
  if (state.power !== undefined) await cutPower(state.power);
  await disconnectHost(state.network);
  await removeCgroups(state.cgroup);
}

function clusterOf(directory: string, machine: RunningMachine): Cluster {
  const { address, hostAddress } = machine.network;
  const execute = (file: string, ...args: string[]): Promise<string> => executeInside(machine, file, args);
  return {
    directory,
    kubeconfig: join(directory, 'kubeconfig'),
    address,
    hostAddress,
    s3: machine.s3,
    auditLog: join(directory, 'logs', 'audit.log'),
    execute,
    loadImage: async (archive) => {
      await execute('ctr', '-a', CONTAINERD_SOCKET, '-n', 'k8s.io', 'images', 'import', archive);
    },
  };
}

async function nodeReady(cluster: Cluster, machine: RunningMachine, since: number): Promise<void> {
  const deadline = performance.now() + START_MS;
  const ready = '.items[*].status.conditions[?(@.type=="Ready")]';
  const query = ['get', 'node', '-o', `jsonpath={${ready}.status} {${ready}.lastHeartbeatTime}`];
  for (;;) {
    if (!(await isAlive(machine.power.init))) {
      throw new Error(`the machine ended by itself:\n${await tailOfBootLog(cluster.directory)}`);
    }
    const answer = await runKubectl(cluster.kubeconfig, query).catch(String);
    const [status, heartbeat = ''] = answer.trim().split(' ');
    if (status === 'True' && Date.parse(heartbeat) >= since) return;
    if (performance.now() > deadline)
      throw new Error(`the node was not ready within ${START_MS / 1000} s: ${answer}`);
    await sleep(300);
  }
}
