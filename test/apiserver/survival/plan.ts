import { seededShuffle } from './random.ts';
import type { Disturbance, FaultName } from './run.ts';

/** The ways in which a write is hit beside a kill before and after it, each in weather that makes it harder. */
const HARDER: readonly Omit<Disturbance, 'meanwhile'>[] = [
  { fault: { name: 'killed after', write: 0 }, weather: 'delayed' },
  { fault: { name: 'killed, arrives late', write: 0 }, weather: 'clear' },
  { fault: { name: 'refused', write: 0 }, weather: 'broken' },
  { fault: { name: 'answer lost', write: 0 }, weather: 'delayed' },
];

/**
 * What a cycle with so many writes has to survive: a kill before and after each write; at each write one of the harder faults, which
 * one depends on the seed; slow and breaking watches alone; and, with `meanwhile`, an S3Proxy that is deleted or replaced while no
 * operator runs.
 */
export function everyDisturbance(writes: number, seed: number, meanwhile: boolean): Disturbance[] {
  const all: Disturbance[] = [{ weather: 'delayed' }, { weather: 'broken' }];
  const harder = seededShuffle(HARDER, seed);
  for (let write = 1; write <= writes; write++) {
    const at = (name: FaultName) => ({ name, write });
    all.push({ fault: at('killed before'), weather: 'clear' });
    all.push({ fault: at('killed after'), weather: 'clear' });
    const more = harder[write % harder.length];
    if (more?.fault !== undefined) all.push({ ...more, fault: at(more.fault.name) });
    if (!meanwhile) continue;
    all.push({ fault: at('killed after'), weather: 'clear', meanwhile: 'delete' });
    all.push({ fault: at('killed after'), weather: 'delayed', meanwhile: 'replace' });
  }
  return all;
}

/** `count` of the disturbances, which ones depends on the seed. */
export function someDisturbances(all: readonly Disturbance[], count: number, seed: number): Disturbance[] {
  return seededShuffle(all, seed).slice(0, count);
}

/** A disturbance in words. */
export function describeDisturbance({ fault, weather, meanwhile }: Disturbance, label?: string): string {
  const parts = [
    fault && `${fault.name} write ${fault.write}${label === undefined ? '' : ` (${label})`}`,
    weather === 'clear' ? undefined : `watches ${weather}`,
    meanwhile && `meanwhile ${meanwhile}d`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'undisturbed' : parts.join(', ');
}
