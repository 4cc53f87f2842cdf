import { parseArgs } from 'node:util';
import { count, countProcessors, oneOf } from '../option-values.ts';
import { EXTRA_SYSTEMS, SYSTEMS, type SystemName } from './figures.ts';
import { CONNECTIONS, OBJECT_SIZES, type Pace } from './plan.ts';

export interface Options {
  pace: Pace;
  systems: readonly SystemName[];
  objectSizes: readonly number[];
  connections: readonly number[];
  /** Processors that everything shares, as taskset(1) takes them. */
  processors: string;
  processorCount: number;
  /** A bundle of the proxy; without one it is made. */
  bundle: string | undefined;
  /** Folder to write the results to; without one nothing is written. */
  output: string | undefined;
}

export const USAGE = `Usage: npm run bench -- [options]

Races this project's proxy against others on one S3 server, over loopback.

  --quick               two short rounds at 32 connections, nothing written: a first impression in about a minute
  --extras              two more systems that sign their requests: nginx-signing and envoy
  --seconds N           length of one round (2); large objects take multiples of it
  --rounds N            rounds of each system in each cell (4)
  --systems A,B         only these: ${[...SYSTEMS, ...EXTRA_SYSTEMS].join(', ')}
  --objects N,N         only objects of these sizes in bytes (${OBJECT_SIZES.join(', ')})
  --connections N,N     only these numbers of connections (${CONNECTIONS.join(', ')})
  --processors LIST     processors that store, system and load share, as for taskset (0,1)
  --bundle FILE         a bundle of the proxy that is made already
  --output FOLDER       where results go (bench/results for a full run, else nowhere)
`;

const FULL_RUN_OUTPUT = 'bench/results';

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
      extras: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      systems: { type: 'string' },
      objects: { type: 'string' },
      connections: { type: 'string' },
      processors: { type: 'string', default: '0,1' },
      bundle: { type: 'string' },
      output: { type: 'string' },
    },
  });
  if (values.help) return undefined;
  const { quick } = values;
  const full = !quick && !values.systems && !values.objects && !values.connections;
  return {
    pace: {
      seconds: count('--seconds', values.seconds ?? (quick ? '1' : '2')),
      rounds: count('--rounds', values.rounds ?? (quick ? '2' : '4')),
    },
    systems: systemNames(values.systems, values.extras),
    objectSizes: counts('--objects', values.objects) ?? OBJECT_SIZES,
    connections: counts('--connections', values.connections) ?? (quick ? [32] : CONNECTIONS),
    processors: values.processors,
    processorCount: countProcessors(values.processors),
    bundle: values.bundle,
    output: values.output ?? (full ? FULL_RUN_OUTPUT : undefined),
  };
}

function systemNames(list: string | undefined, extras: boolean): readonly SystemName[] {
  const all: readonly SystemName[] = [...SYSTEMS, ...EXTRA_SYSTEMS];
  if (list === undefined) return extras ? all : SYSTEMS;
  return list.split(',').map((name) => oneOf('--systems', all, name));
}

function counts(option: string, list: string | undefined): number[] | undefined {
  return list?.split(',').map((text) => count(option, text));
}
