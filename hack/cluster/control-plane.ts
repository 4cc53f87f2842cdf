import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { binaries } from './binaries/binary.ts';
import { createCertificateAuthority, writeServiceAccountKeys } from './control-plane/certificates.ts';
import {
  AUDIT_POLICY,
  apiServerArguments,
  type ControlPlaneLayout,
  etcdArguments,
} from './control-plane/components.ts';
import { freePorts } from './control-plane/free-port.ts';
import { writeKubeconfig } from './control-plane/kubeconfig.ts';
import { type Supervised, supervise } from './control-plane/supervisor.ts';
import { waitForHttps } from './control-plane/wait-for-https.ts';

export interface ControlPlaneOptions {
  /** Everything is kept here; started again on the same directory, the control plane has its data again. */
  directory: string;
  /** Where the API server listens. Default 127.0.0.1. */
  address?: string | undefined;
  /** Default: a free one, chosen once for each directory. */
  apiPort?: number | undefined;
  serviceCidr?: string | undefined;
  /** Further host names and addresses for the API server's certificate. */
  altNames?: readonly string[] | undefined;
  /** Faster, and loses data when the machine does. Default true: nothing here outlives its machine. */
  etcdUnsafeNoFsync?: boolean | undefined;
  /** Runs controller-manager and scheduler too. Default false. */
  controllers?: boolean | undefined;
}

export interface ControlPlane {
  readonly url: string;
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Path of the API server's audit log: one JSON object a line. */
  readonly auditLog: string;
  readonly apiServer: Supervised;
  readonly etcd: Supervised;
  /** Path of the CA certificate; `issue` makes further client certificates. */
  readonly pki: Pki;
  /** Resolves when the API server answers `/readyz`. */
  ready(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/** Kept in `pki.json`, so that a restart on the same directory has the same identities. */
interface Pki {
  ca: string;
  ports: number[];
  serving: { cert: string; key: string };
  admin: { cert: string; key: string };
  kubeletClient: { cert: string; key: string };
  controllerManager: { cert: string; key: string };
  scheduler: { cert: string; key: string };
  kubelet: { cert: string; key: string };
  kubeProxy: { cert: string; key: string };
  serviceAccountKeys: { privateKey: string; publicKey: string };
}

const READY_MS = 60_000;
/** The node's name, where there is one: its kubelet's identity says it. */
export const NODE_NAME = 'local';

/** Starts etcd and the API server, and the controllers if wanted. Resolves when the API server is ready. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { directory, address = '127.0.0.1', serviceCidr = '10.96.0.0/16' } = options;
  const logs = join(directory, 'logs');
  const programs = await binaries('etcd', 'kube-apiserver');
  await mkdir(directory, { recursive: true });
  const pki = await loadPki(options, address);
  const [apiPort = 0, etcdPort = 0, etcdPeerPort = 0] = pki.ports;
  const auditPolicy = join(directory, 'audit-policy.json');
  await writeFile(auditPolicy, JSON.stringify(AUDIT_POLICY));

  const layout: ControlPlaneLayout = {
    directory,
    address,
    apiPort,
    etcdPort,
    etcdPeerPort,
    etcdUnsafeNoFsync: options.etcdUnsafeNoFsync ?? true,
    serviceCidr,
    ...pki,
    auditPolicy,
    auditLog: join(logs, 'audit.log'),
  };
  const url = `https://${address}:${apiPort}`;
  const kubeconfig = await writeKubeconfig(join(directory, 'kubeconfig'), url, pki.ca, pki.admin);

  const etcd = supervise('etcd', programs.etcd, etcdArguments(layout), { logs });
  const apiServer = supervise('kube-apiserver', programs['kube-apiserver'], apiServerArguments(layout), {
    logs,
  });
  const controllers = options.controllers === true ? await startControllers(directory, url, pki, logs) : [];
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
  return { url, kubeconfig, auditLog: layout.auditLog, apiServer, etcd, pki, ready, stop };
}

async function startControllers(
  directory: string,
  url: string,
  pki: Pki,
  logs: string,
): Promise<Supervised[]> {
  const programs = await binaries('kube-controller-manager', 'kube-scheduler');
  const [manager, scheduler] = await Promise.all([
    writeKubeconfig(join(directory, 'controller-manager.conf'), url, pki.ca, pki.controllerManager),
    writeKubeconfig(join(directory, 'scheduler.conf'), url, pki.ca, pki.scheduler),
  ]);
  return [
    supervise(
      'kube-controller-manager',
      programs['kube-controller-manager'],
      [
        `--kubeconfig=${manager}`,
        `--service-account-private-key-file=${pki.serviceAccountKeys.privateKey}`,
        `--root-ca-file=${pki.ca}`,
        '--use-service-account-credentials=true',
        '--leader-elect=false',
        '--secure-port=0',
      ],
      { logs },
    ),
    supervise(
      'kube-scheduler',
      programs['kube-scheduler'],
      [`--kubeconfig=${scheduler}`, '--leader-elect=false', '--secure-port=0'],
      { logs },
    ),
  ];
}

async function loadPki(options: ControlPlaneOptions, address: string): Promise<Pki> {
  const directory = join(options.directory, 'pki');
  const file = join(directory, 'pki.json');
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before !== undefined) return JSON.parse(before) as Pki;
  await mkdir(directory, { recursive: true });
  const authority = await createCertificateAuthority(directory);
  const client = (name: string, commonName: string, organization?: string) =>
    authority.issue(name, { commonName, ...(organization !== undefined && { organization }) });
  const names = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'localhost',
    '127.0.0.1',
    '10.96.0.1',
  ];
  const [freeApiPort = 0, etcdPort = 0, etcdPeerPort = 0] = await freePorts(3);
  const pki: Pki = {
    ca: authority.ca,
    ports: [options.apiPort ?? freeApiPort, etcdPort, etcdPeerPort],
    serving: await authority.issue('serving', {
      commonName: 'kube-apiserver',
      altNames: [...new Set([...names, address, ...(options.altNames ?? [])])],
    }),
    admin: await client('admin', 'admin', 'system:masters'),
    kubeletClient: await client('kubelet-client', 'kube-apiserver-kubelet-client', 'system:masters'),
    controllerManager: await client('controller-manager', 'system:kube-controller-manager'),
    scheduler: await client('scheduler', 'system:kube-scheduler'),
    kubelet: await authority.issue('kubelet', {
      commonName: `system:node:${NODE_NAME}`,
      organization: 'system:nodes',
      altNames: [NODE_NAME, address],
    }),
    kubeProxy: await client('kube-proxy', 'system:kube-proxy'),
    serviceAccountKeys: await writeServiceAccountKeys(directory),
  };
  await writeFile(file, JSON.stringify(pki));
  return pki;
}
