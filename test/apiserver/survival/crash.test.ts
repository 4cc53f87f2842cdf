import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueCertificateAuthority, issueServerCertificate } from '../../../operator/src/resources/x509.ts';
import { propertySeed } from '../../property-seed.ts';
import { allCycles, type Cycle } from './cycles.ts';
import { openLanes } from './lanes.ts';
import { describeDisturbance, everyDisturbance, someDisturbances } from './plan.ts';
import { seeded, seedOf } from './random.ts';
import { type Disturbance, runCycle, UNDISTURBED } from './run.ts';
import { createTally } from './tally.ts';
import { openWorld, type World } from './world.ts';

// Every part of an S3Proxy's life, undisturbed and then with the operator killed before and after each write that it makes, with
// answers lost, watches that lag behind or break. The end is always the undisturbed one. All of it takes minutes: SURVIVAL=all does it,
// otherwise some of it is done, always the same.

const EVERYTHING = process.env.SURVIVAL === 'all';
/** Runs of a cycle when not everything is done. */
const SOME = 2;
/** Runs at a time. Most of a run is waiting. */
const LANES = 8;

const seed = propertySeed();
const authority = await issueCertificateAuthority('others', new Date());
const issued = await issueServerCertificate(authority, 'photos', 'photos.example.com', new Date());
const lanes = openLanes(LANES);
const tally = createTally();
let world: World;

beforeAll(async () => {
  world = await openWorld(issued);
});

afterAll(async () => {
  console.info(`survival: ${tally.summary()}; seed ${seed}`);
  await world?.close();
});

let count = 0;

async function run(cycle: Cycle, disturbance: Disturbance, expected?: Parameters<typeof runCycle>[5]) {
  const namespace = `run-${String(++count).padStart(5, '0')}`;
  const random = seeded(seed + seedOf(cycle.name + describeDisturbance(disturbance)));
  const outcome = await runCycle(world, namespace, cycle, disturbance, random, expected);
  tally.count(disturbance, outcome);
  return outcome;
}

/** Creations, in whose midst an S3Proxy may be deleted or replaced too. */
const isCreation = ({ name }: Cycle): boolean => name === 'create: minimal' || name === 'create: full';

describe.concurrent('ends as if nothing had happened', () => {
  test.each(allCycles(issued))('$name', { timeout: EVERYTHING ? 3_600_000 : 300_000 }, async (cycle) => {
    const { end, writes } = await lanes(() => run(cycle, UNDISTURBED));
    const all = everyDisturbance(writes.length, seed, isCreation(cycle));
    const chosen = EVERYTHING ? all : someDisturbances(all, SOME, seed + seedOf(cycle.name));
    const failures = await Promise.all(
      chosen.map(async (disturbance) => {
        try {
          await lanes(() => run(cycle, disturbance, end));
          return [];
        } catch (error) {
          const label = writes[(disturbance.fault?.write ?? 0) - 1]?.label;
          return [`${describeDisturbance(disturbance, label)}: ${(error as Error).message}`];
        }
      }),
    );
    expect(failures.flat().join('\n\n')).toBe('');
  });
});
