import { seededShuffle } from './random.ts';
import type { Disturbance, FaultName } from './run.ts';
import type { WeatherName } from './weather.ts';

/** The ways in which each write is hit, and the weather while it is. */
const AT_EACH_WRITE: readonly (readonly [FaultName, WeatherName])[] = [
  ['killed before', 'clear'],
  ['killed after', 'clear'],
  ['killed after', 'delayed'],
  ['killed after', 'broken'],
  ['killed, arrives late', 'clear'],
  ['refused', 'broken'],
  ['answer lost', 'delayed'],
];

/**
 * What a cycle with so many writes has to survive: each fault at each of them; slow and breaking watches alone; and, with `meanwhile`,
 * an S3Proxy that is deleted or replaced while no operator runs.
 */
export function everyDisturbance(writes: number, meanwhile: boolean): Disturbance[] {
  const all: Disturbance[] = [{ weather: 'delayed' }, { weather: 'broken' }];
  for (let write = 1; write <= writes; write++) {
    for (const [name, weather] of AT_EACH_WRITE) all.push({ fault: { name, write }, weather });
    if (!meanwhile) continue;
    const fault = { name: 'killed after', write } as const;
    all.push({ fault, weather: 'clear', meanwhile: 'delete' });
    all.push({ fault, weather: 'delayed', meanwhile: 'replace' });
  }
  return all;
}

/** `count` of the disturbances, which ones depends on the seed. */
export function someDisturbances(all: readonly Disturbance[], count: number, seed: number): Disturbance[] {
  return seededShuffle(all, seed).slice(0, count);
}

/** A disturbance in words. */
export function describeDisturbance({ fault, weather, meanwhile }: Disturbance): string {
  const parts = [
    fault && `${fault.name} write ${fault.write}`,
    weather === 'clear' ? undefined : `watches ${weather}`,
    meanwhile && `meanwhile ${meanwhile}d`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'undisturbed' : parts.join(', ');
}
