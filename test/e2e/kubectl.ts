import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** kubectl against the demo's cluster, as a user has it. Commands reject with what kubectl wrote to stderr. */
export function kubectl(binary: string, kubeconfig: string) {
  const call = async (args: readonly string[], input?: string): Promise<string> => {
    const child = run(binary, ['--kubeconfig', kubeconfig, ...args], {
      maxBuffer: 64 * 2 ** 20,
      timeout: 120_000,
    });
    child.child.stdin?.end(input);
    return (await child).stdout;
  };
  return {
    run: (...args: string[]) => call(args),
    apply: (manifest: object) => call(['apply', '-f', '-'], JSON.stringify(manifest)),
    /** Posts an object to a path of the API, such as a subresource that has no command. */
    create: (path: string, body: object) => call(['create', '--raw', path, '-f', '-'], JSON.stringify(body)),
    /** The object, or undefined when there is none. */
    find: async <T = KubernetesObject>(
      kind: string,
      name: string,
      namespace: string,
    ): Promise<T | undefined> => {
      const text = await call(['get', kind, name, '-n', namespace, '-o', 'json', '--ignore-not-found']);
      return text === '' ? undefined : (JSON.parse(text) as T);
    },
    list: async <T = KubernetesObject>(kind: string, namespace: string, selector?: string): Promise<T[]> => {
      const selection = selector === undefined ? [] : ['-l', selector];
      const text = await call(['get', kind, '-n', namespace, '-o', 'json', ...selection]);
      return (JSON.parse(text) as { items: T[] }).items;
    },
  };
}

export interface KubernetesObject {
  metadata: {
    name: string;
    uid: string;
    resourceVersion: string;
    generation?: number;
    labels?: Record<string, string>;
  };
  spec?: Record<string, unknown>;
  status?: {
    observedGeneration?: number;
    url?: string;
    conditions?: { type: string; status: string; reason: string; message: string }[];
    [field: string]: unknown;
  };
  data?: Record<string, string>;
  [field: string]: unknown;
}
