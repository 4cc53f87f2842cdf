import type { Cycle } from './cycles.ts';
import type { Disturbance, Outcome } from './run.ts';

/** How many runs there were, and of what kind. */
export interface Tally {
  /** A run that ended as it has to. */
  count(cycle: Cycle, disturbance: Disturbance, outcome: Outcome): void;
  /** A run that did not. */
  fail(): void;
  /** The numbers as lines for people. */
  report(seed: number): string;
}

export function createTally(): Tally {
  const kinds = new Map<string, { runs: number; missed: number }>();
  const cycles = new Set<string>();
  let writes = 0;
  let failed = 0;

  return {
    count(cycle, disturbance, outcome) {
      const kind = kindOf(disturbance);
      const counts = kinds.get(kind) ?? { runs: 0, missed: 0 };
      kinds.set(kind, counts);
      counts.runs++;
      if (disturbance.fault !== undefined && !outcome.hit) counts.missed++;
      if (kind === 'undisturbed') writes += outcome.writes.length;
      cycles.add(cycle.name);
    },
    fail: () => void failed++,
    report(seed) {
      const lines = [...kinds]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([kind, { runs, missed }]) => {
          const note = missed === 0 ? '' : `, ${missed} of them without the write that was to be hit`;
          return `  ${String(runs).padStart(5)} ${kind}${note}`;
        });
      const total = [...kinds.values()].reduce((sum, { runs }) => sum + runs, 0);
      return [
        `survival: ${total + failed} runs, ${failed} failed; ${cycles.size} cycles with ${writes} writes; seed ${seed}`,
        ...lines,
      ].join('\n');
    },
  };
}

function kindOf({ fault, weather, meanwhile }: Disturbance): string {
  if (fault === undefined && weather === 'clear') return 'undisturbed';
  return [
    fault?.name,
    weather === 'clear' ? undefined : `watches ${weather}`,
    meanwhile && `${meanwhile}d meanwhile`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
