import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CertificateFiles,
  certificateAuthority,
  certificateFiles,
  type Identity,
  type ServiceAccountKeyFiles,
  serviceAccountKeyFiles,
  writeServiceAccountKeys,
} from './certificates.ts';

/** The node's name, where there is one: its kubelet's identity says it. */
export const NODE_NAME = 'local';

/** Paths of every certificate and key of a control plane, and of the node it may have. */
export interface Pki {
  /** The authority's certificate. */
  ca: string;
  serving: CertificateFiles;
  admin: CertificateFiles;
  kubeletClient: CertificateFiles;
  controllerManager: CertificateFiles;
  scheduler: CertificateFiles;
  kubelet: CertificateFiles;
  kubeProxy: CertificateFiles;
  serviceAccountKeys: ServiceAccountKeyFiles;
}

export interface PkiNames {
  /** Of the API server and the node. */
  address: string;
  /** All names and addresses by which the API server is called. */
  server: readonly string[];
}

/**
 * The certificates below `directory`: those of before, if they were made for the same names, else new ones. The authority and the
 * service account keys are kept in any case: pods trust the one, and hold tokens signed by the other.
 */
export async function loadPki(directory: string, names: PkiNames): Promise<Pki> {
  const madeFor = join(directory, 'made-for.json');
  const wanted = JSON.stringify(names);
  const pki = pkiPaths(directory);
  if ((await readFile(madeFor, 'utf8').catch(() => undefined)) === wanted) return pki;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await rm(madeFor, { force: true });
  const authority = await certificateAuthority(directory);
  for (const [name, identity] of identities(names)) await authority.issue(name, identity);
  const { privateKey } = pki.serviceAccountKeys;
  if ((await readFile(privateKey).catch(() => undefined)) === undefined) {
    await writeServiceAccountKeys(directory);
  }
  // Last, so that an interrupted run starts over.
  await writeFile(madeFor, wanted);
  return pki;
}

function identities({ address, server }: PkiNames): [name: string, identity: Identity][] {
  const nodes = 'system:nodes';
  const masters = 'system:masters';
  return [
    ['serving', { commonName: 'kube-apiserver', altNames: server }],
    ['admin', { commonName: 'admin', organization: masters }],
    ['kubelet-client', { commonName: 'kube-apiserver-kubelet-client', organization: masters }],
    ['controller-manager', { commonName: 'system:kube-controller-manager' }],
    ['scheduler', { commonName: 'system:kube-scheduler' }],
    [
      'kubelet',
      { commonName: `system:node:${NODE_NAME}`, organization: nodes, altNames: [NODE_NAME, address] },
    ],
    ['kube-proxy', { commonName: 'system:kube-proxy' }],
  ];
}

function pkiPaths(directory: string): Pki {
  const files = (name: string): CertificateFiles => certificateFiles(directory, name);
  return {
    ca: files('ca').cert,
    serving: files('serving'),
    admin: files('admin'),
    kubeletClient: files('kubelet-client'),
    controllerManager: files('controller-manager'),
    scheduler: files('scheduler'),
    kubelet: files('kubelet'),
    kubeProxy: files('kube-proxy'),
    serviceAccountKeys: serviceAccountKeyFiles(directory),
  };
}
