import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { S3PROXY } from '../../../operator/src/api/s3proxy.ts';
import { specSchema } from '../../../operator/src/api/spec.ts';
import { issueCertificateAuthority, issueServerCertificate } from '../../../operator/src/resources/x509.ts';
import { propertySeed } from '../../property-seed.ts';
import { allCycles, type Cycle, changedBlocks } from './cycles.ts';
import type { EndState } from './end-state.ts';
import { openLanes } from './lanes.ts';
import { startObserver } from './observer.ts';
import { describeDisturbance, everyDisturbance, someDisturbances } from './plan.ts';
import { seeded, seedOf } from './random.ts';
import { type Disturbance, type Outcome, runCycle, UNDISTURBED } from './run.ts';
import { createTally } from './tally.ts';
import { openWorld, type World } from './world.ts';

// Every part of an S3Proxy's life, undisturbed and then with the operator killed before and after each write that it makes, with
// answers lost, watches that lag behind or break. The end is always the undisturbed one. All of it takes long: SURVIVAL=all does it,
// otherwise some of it is done, always the same. docs/development/survival.md says how to have one run again.

const { SURVIVAL, SURVIVAL_CYCLE, SURVIVAL_RUN } = process.env;
const EVERYTHING = SURVIVAL === 'all';
/** Runs of a cycle when not everything is done. */
const SOME = 2;
/** Runs at a time. Most of a run is waiting. */
const LANES = 8;

const seed = propertySeed();
const authority = issueCertificateAuthority('others', new Date());
const issued = issueServerCertificate(authority, 'photos.example.com', new Date());
const lanes = openLanes(LANES);
const tally = createTally();
const cycles = allCycles(issued);
const chosenCycles = cycles.filter(({ name }) => new RegExp(SURVIVAL_CYCLE ?? '').test(name));
let world: World;

beforeAll(async () => {
  world = await openWorld(authority);
});

afterAll(async () => {
  console.info(`\n${tally.report(seed)}\n`);
  await world?.close();
});

let count = 0;

async function run(cycle: Cycle, disturbance: Disturbance, expected?: EndState): Promise<Outcome> {
  const namespace = `run-${String(++count).padStart(5, '0')}`;
  const random = seeded(seed + seedOf(cycle.name + describeDisturbance(disturbance)));
  try {
    const outcome = await runCycle(world, namespace, cycle, disturbance, random, expected);
    tally.count(cycle, disturbance, outcome);
    return outcome;
  } catch (error) {
    tally.fail();
    throw error;
  }
}

/** Creations, in whose midst an S3Proxy may be deleted or replaced too. */
const isCreation = ({ name }: Cycle): boolean => name === 'create: minimal' || name === 'create: full';

function choose(cycle: Cycle, writes: number): Disturbance[] {
  const all = everyDisturbance(writes, isCreation(cycle));
  if (SURVIVAL_RUN !== undefined) return all.filter((each) => describeDisturbance(each) === SURVIVAL_RUN);
  return EVERYTHING ? all : someDisturbances(all, SOME, seed + seedOf(cycle.name));
}

/** The command that repeats a run. */
function command(cycle: Cycle, disturbance: Disturbance): string {
  const name = `^${cycle.name}$`;
  return `PROPERTY_SEED=${seed} SURVIVAL_CYCLE='${name}' SURVIVAL_RUN='${describeDisturbance(disturbance)}' make test-survival FILES=crash`;
}

test('every block of the spec is changed in some cycle', () => {
  expect([...changedBlocks(cycles)].sort()).toEqual(Object.keys(specSchema.shape).sort());
});

test('a run is not over while the observer has yet to hear of a write', async () => {
  const cycle = cycles.find(({ name }) => name === 'drift: the Deployment is deleted');
  if (cycle === undefined) throw new Error('no such cycle');
  const observer = await startObserver(world.client, { kind: S3PROXY, ms: 200 });
  try {
    await runCycle({ ...world, observer }, 'late-news', cycle, UNDISTURBED, seeded(seed), undefined);
  } finally {
    await observer.stop();
  }
});

describe.concurrent('ends as if nothing had happened', () => {
  test.each(chosenCycles)('$name', { timeout: EVERYTHING ? 3_600_000 : 300_000 }, async (cycle) => {
    const { end, writes } = await lanes(() => run(cycle, UNDISTURBED));
    const failures = await Promise.all(
      choose(cycle, writes.length).map(async (disturbance) => {
        try {
          await lanes(() => run(cycle, disturbance, end));
          return [];
        } catch (error) {
          const { message } = error as Error;
          const label = writes[(disturbance.fault?.write ?? 0) - 1]?.label;
          return [
            `${describeDisturbance(disturbance)}${label === undefined ? '' : ` (${label})`}: ${message}\n  once more: ${command(cycle, disturbance)}`,
          ];
        }
      }),
    );
    expect(failures.flat().join('\n\n')).toBe('');
  });
});
