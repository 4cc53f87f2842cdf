import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { binary } from '../../hack/cluster/binaries/binary.ts';

/** The chart's directory. */
export const CHART = resolve(import.meta.dirname, '../../chart');

/** The parts of a manifest that the tests look at. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
  rules?: Rule[];
  roleRef?: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace: string }[];
  spec?: unknown;
}

export interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** Runs helm; its standard output. @throws Error whose message holds what helm said */
export async function helm(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(await binary('helm'), args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** The chart's manifests with these values (`--set` syntax), as release `s3proxy-operator` in namespace `operators`. */
export async function render(...values: string[]): Promise<Manifest[]> {
  const settings = values.flatMap((value) => ['--set', value]);
  const text = await helm('template', 's3proxy-operator', CHART, '--namespace', 'operators', ...settings);
  return parseAllDocuments(text)
    .map((document): Manifest | null => document.toJS())
    .filter((manifest) => manifest !== null);
}

/** The one manifest of a kind. @throws Error where there is none or more than one */
export function only(manifests: readonly Manifest[], kind: string): Manifest {
  const [found, ...others] = manifests.filter((manifest) => manifest.kind === kind);
  if (found === undefined || others.length > 0) {
    throw new Error(`expected one ${kind}, found ${found === undefined ? 0 : others.length + 1}`);
  }
  return found;
}
