import { parseArgs } from 'node:util';
import { count, countProcessors, oneOf } from '../option-values.ts';
import { SYSTEMS, type SystemName } from './figures.ts';

export const ROLLOUTS = ['kwok', 'simulated'] as const;
/** Who has the Deployments turn Ready: Kubernetes' controllers with kwok's nodes, or a loop of this bench that writes their status. */
export type RolloutName = (typeof ROLLOUTS)[number];

export interface Options {
  systems: readonly SystemName[];
  /** Numbers of S3Proxies to measure with. */
  objects: readonly number[];
  /** S3Proxies worked on at a time, by every system. */
  concurrency: number;
  /** How long nothing is done, to see whether anything is written. */
  restSeconds: number;
  rollout: RolloutName;
  /** Processors that everything shares, as taskset(1) takes them. */
  processors: string;
  /** File to write the figures to, beside those of other systems and numbers of objects in it. Without one nothing is written. */
  output: string | undefined;
  /** Folder for processor profiles of the operator; without one none is made. */
  profile: string | undefined;
}

export const USAGE = `Usage: npm run bench:operator -- [options]

Measures this project's operator beside a bare loop of the same writes and a controller-runtime operator in Go, each on an etcd and
a kube-apiserver of its own.

  --quick               100 S3Proxies, a short rest, nothing written: a first impression
  --systems A,B         only these: ${SYSTEMS.join(', ')}
  --objects N,N         numbers of S3Proxies (1000,5000)
  --concurrency N       S3Proxies worked on at a time, by every system (16)
  --rest SECONDS        how long nothing is done (30)
  --rollout NAME        who has the Deployments turn Ready: ${ROLLOUTS.join(', ')} (kwok)
  --processors LIST     processors that everything shares, as for taskset (0,1)
  --output FILE         where the figures go beside those of other systems and numbers that the file holds
                        (bench/results/operator.json for a run of all systems, else nowhere)
  --profile FOLDER      where processor profiles of the operator go
`;

const FULL_RUN_OUTPUT = 'bench/results/operator.json';

/**
 * Reads the command line.
 * @returns undefined where the usage is asked for
 * @throws Error that names the faulty option
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      quick: { type: 'boolean', default: false },
      systems: { type: 'string' },
      objects: { type: 'string' },
      concurrency: { type: 'string', default: '16' },
      rest: { type: 'string' },
      rollout: { type: 'string', default: 'kwok' },
      processors: { type: 'string', default: '0,1' },
      output: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  if (values.help) return undefined;
  countProcessors(values.processors);
  const { quick } = values;
  const objects = values.objects ?? (quick ? '100' : '1000,5000');
  const full = !quick && values.systems === undefined;
  return {
    systems: list(values.systems).map((name) => oneOf('--systems', SYSTEMS, name)),
    objects: objects.split(',').map((text) => count('--objects', text)),
    concurrency: count('--concurrency', values.concurrency),
    restSeconds: count('--rest', values.rest ?? (quick ? '5' : '30')),
    rollout: oneOf('--rollout', ROLLOUTS, values.rollout),
    processors: values.processors,
    output: values.output ?? (full ? FULL_RUN_OUTPUT : undefined),
    profile: values.profile,
  };
}

function list(text: string | undefined): readonly string[] {
  return text?.split(',') ?? SYSTEMS;
}
