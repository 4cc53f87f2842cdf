import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { binaries } from './binaries/binary.ts';
import {
  AUDIT_POLICY,
  apiServerArguments,
  type ControlPlaneLayout,
  controllerManagerArguments,
  etcdArguments,
  firstServiceAddress,
  schedulerArguments,
} from './control-plane/components.ts';
import { writeKubeconfig } from './control-plane/kubeconfig.ts';
import { loadPki, type Pki } from './control-plane/pki.ts';
import { loadPorts } from './control-plane/ports.ts';
import { type Supervised, supervise } from './control-plane/supervisor.ts';
import { waitForHttps } from './control-plane/wait-for-https.ts';

export interface ControlPlaneOptions {
  /** Everything is kept here; started again on the same directory, the control plane has its data again. */
  directory: string;
  /** Where the API server listens. Default 127.0.0.1. */
  address?: string | undefined;
  /** Default: a free one, chosen once for each directory; another one only if that is taken at a later start. */
  apiPort?: number | undefined;
  serviceCidr?: string | undefined;
  /** Further host names and addresses for the API server's certificate. */
  altNames?: readonly string[] | undefined;
  /** Admission plugins of the API server beside its usual ones. */
  admissionPlugins?: readonly string[] | undefined;
  /** Faster, and loses data when the machine does. Default true: nothing here outlives its machine. */
  etcdUnsafeNoFsync?: boolean | undefined;
  /** What the API server's audit log tells (audit.k8s.io/v1 Policy). Default AUDIT_POLICY. */
  auditPolicy?: object | undefined;
  /** Runs controller-manager and scheduler too. Default false. */
  controllers?: boolean | undefined;
}

export interface ControlPlane {
  readonly url: string;
  /** etcd's own interface, by HTTP. */
  readonly etcdUrl: string;
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Path of the API server's audit log: one JSON object a line. */
  readonly auditLog: string;
  readonly apiServer: Supervised;
  readonly etcd: Supervised;
  /** Paths of all certificates and keys. */
  readonly pki: Pki;
  /** Resolves when the API server answers `/readyz`: to be awaited after `apiServer.start()`. */
  ready(timeoutMs?: number): Promise<void>;
  /** Ends everything, and keeps the directory. Without it, all ends with this process. */
  stop(): Promise<void>;
}

const READY_MS = 60_000;
const DEFAULT_SERVICE_CIDR = '10.96.0.0/16';

/**
 * Starts etcd and the API server, and the controllers if wanted. Resolves when the API server is ready, within seconds.
 * @throws Error that names the log to look at
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { address = '127.0.0.1' } = options;
  const directory = resolve(options.directory);
  const logs = join(directory, 'logs');
  const programs = await binaries('etcd', 'kube-apiserver');
  await mkdir(directory, { recursive: true });
  const layout = await prepare({ ...options, directory, address }, logs);
  const { pki } = layout;
  const url = `https://${address}:${layout.apiPort}`;
  const etcdUrl = `http://127.0.0.1:${layout.etcdPort}`;
  const kubeconfig = await writeKubeconfig(join(directory, 'kubeconfig'), url, pki.ca, pki.admin);

  const etcd = supervise('etcd', programs.etcd, etcdArguments(layout), { logs });
  const apiServer = supervise('kube-apiserver', programs['kube-apiserver'], apiServerArguments(layout), {
    logs,
  });
  const controllers = options.controllers === true ? await startControllers(url, layout, logs) : [];
  const ready = (timeoutMs = READY_MS): Promise<void> =>
    waitForHttps(`${url}/readyz`, { ca: pki.ca, client: pki.admin }, timeoutMs);
  const stop = async (): Promise<void> => {
    await Promise.all(controllers.map((each) => each.stop()));
    await apiServer.stop();
    await etcd.stop();
  };
  try {
    await ready();
  } catch (error) {
    await stop();
    throw new Error(`the API server did not start; its log is ${logs}/kube-apiserver.log`, { cause: error });
  }
  return { url, etcdUrl, kubeconfig, auditLog: layout.auditLog, apiServer, etcd, pki, ready, stop };
}

/** Certificates, ports and files: everything that must be there before the first program starts. */
async function prepare(
  options: ControlPlaneOptions & { address: string },
  logs: string,
): Promise<ControlPlaneLayout & { pki: Pki }> {
  const { directory, address, serviceCidr = DEFAULT_SERVICE_CIDR } = options;
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const local = ['localhost', '127.0.0.1', firstServiceAddress(serviceCidr)];
  const server = [...new Set([...service, ...local, address, ...(options.altNames ?? [])])];
  const pki = await loadPki(join(directory, 'pki'), { address, server });
  const ports = await loadPorts(directory, address, options.apiPort);
  const auditPolicy = join(directory, 'audit-policy.json');
  await writeFile(auditPolicy, JSON.stringify(options.auditPolicy ?? AUDIT_POLICY));
  return {
    directory,
    address,
    apiPort: ports.api,
    etcdPort: ports.etcd,
    etcdPeerPort: ports.etcdPeer,
    etcdUnsafeNoFsync: options.etcdUnsafeNoFsync ?? true,
    serviceCidr,
    admissionPlugins: options.admissionPlugins ?? [],
    ca: pki.ca,
    serving: pki.serving,
    kubeletClient: pki.kubeletClient,
    serviceAccountKeys: pki.serviceAccountKeys,
    auditPolicy,
    auditLog: join(logs, 'audit.log'),
    pki,
  };
}

async function startControllers(
  url: string,
  layout: ControlPlaneLayout & { pki: Pki },
  logs: string,
): Promise<Supervised[]> {
  const { directory, pki } = layout;
  const programs = await binaries('kube-controller-manager', 'kube-scheduler');
  const manager = 'kube-controller-manager';
  const managerConfig = join(directory, 'controller-manager.conf');
  const schedulerConfig = join(directory, 'scheduler.conf');
  await writeKubeconfig(managerConfig, url, pki.ca, pki.controllerManager);
  await writeKubeconfig(schedulerConfig, url, pki.ca, pki.scheduler);
  return [
    supervise(manager, programs[manager], controllerManagerArguments(managerConfig, layout), { logs }),
    supervise('kube-scheduler', programs['kube-scheduler'], schedulerArguments(schedulerConfig), { logs }),
  ];
}
