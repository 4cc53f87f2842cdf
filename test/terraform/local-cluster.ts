import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { type Cluster, startCluster, stopCluster } from '../../hack/cluster/cluster.ts';
import { type ClusterClient, kubectl } from '../../hack/demo/kubectl.ts';
import { mustRun, run } from './processes.ts';
import { sandbox } from './sandbox.ts';

/** What came of one request by curl. */
export interface Fetched {
  status: string;
  /** Path of the body. */
  file: string;
}

/** A whole Kubernetes with an ingress controller, as the user of a Terraform configuration meets it. */
export interface LocalCluster extends ClusterClient {
  cluster: Cluster;
  /** Runs a line of shell with kubectl on PATH, for this cluster. Its standard output. */
  shell(line: string): Promise<string>;
  /** Every object in the cluster, aside from events and Kubernetes' own leases: kind, namespace and name. */
  objects(): Promise<string[]>;
  /** Waits until the objects are these, for the garbage collection takes a moment; the objects at last. */
  objectsBecome(wanted: readonly string[]): Promise<string[]>;
  /** A request through the Ingress by curl, which trusts the authority in the namespace's Secret `s3proxy-tls`. */
  curl(url: string, options: { namespace: string; user?: string; method?: string }): Promise<Fetched>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 120_000;

/** Starts it in the sandbox. */
export async function startLocalCluster(): Promise<LocalCluster> {
  const home = join(sandbox().directory, 'cluster');
  const cluster = await startCluster({ directory: home });
  const client = await kubectl(cluster.kubeconfig);
  const scratch = join(sandbox().directory, 'cluster-user');
  const bin = join(scratch, 'bin');
  await mkdir(bin, { recursive: true });
  await symlink(await binary('kubectl'), join(bin, 'kubectl'));
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH ?? ''}`,
    KUBECONFIG: cluster.kubeconfig,
  };

  const objects = async (): Promise<string[]> => {
    const kinds = (await client.kubectl('api-resources', '--verbs=list', '--output=name'))
      .split('\n')
      .filter((kind) => kind !== '' && !/^(events|componentstatuses)\b/.test(kind));
    const listed = await client.kubectl(
      ...['get', kinds.join(','), '--all-namespaces', '--output'],
      'jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}',
    );
    return listed
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('Lease kube-'))
      .sort();
  };
  let requests = 0;
  return {
    ...client,
    cluster,
    shell: (line) => mustRun('sh', ['-c', line], { env, timeoutMs: 300_000 }),
    objects,
    objectsBecome: async (wanted) => {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const found = await objects();
        if (found.join() === wanted.join() || performance.now() > deadline) return found;
        await sleep(500);
      }
    },
    curl: async (url, { namespace, user, method = 'GET' }) => {
      requests += 1;
      const file = join(scratch, `body-${requests}`);
      const authority = join(scratch, 'ca.crt');
      const { host, hostname } = new URL(url);
      await mustRun('sh', ['-c', `${secretCommand(namespace)} > "$0"`, authority], { env });
      const { stdout, stderr } = await run('curl', [
        ...['--silent', '--show-error', '--noproxy', '*', '--cacert', authority, '--request', method],
        ...[
          '--resolve',
          `${hostname}:443:${cluster.address}`,
          '--output',
          file,
          '--write-out',
          '%{http_code}',
        ],
        ...(user === undefined ? [] : ['--user', user]),
        url,
      ]);
      if (stderr !== '') throw new Error(`${host}: ${stderr}`);
      return { status: stdout, file };
    },
    stop: () => stopCluster(home, { purge: true }),
  };
}

/** As in docs/terraform-any-cluster.md. */
function secretCommand(namespace: string): string {
  return `kubectl --namespace ${namespace} get secret s3proxy-tls --output jsonpath='{.data.ca\\.crt}' | base64 --decode`;
}
