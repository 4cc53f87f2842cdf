import type { Disturbance, Outcome } from './run.ts';

/** How many runs there were, and of what kind. */
export interface Tally {
  count(disturbance: Disturbance, outcome: Outcome): void;
  summary(): string;
}

export function createTally(): Tally {
  const kinds = new Map<string, number>();
  let missed = 0;

  return {
    count({ fault, weather, meanwhile }, { hit }) {
      const kind = [
        fault?.name ?? (weather === 'clear' ? 'undisturbed' : 'no fault'),
        weather === 'clear' ? undefined : `watches ${weather}`,
        meanwhile && `${meanwhile}d meanwhile`,
      ]
        .filter((part) => part !== undefined)
        .join(', ');
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (fault !== undefined && !hit) missed++;
    },
    summary() {
      const total = [...kinds.values()].reduce((sum, runs) => sum + runs, 0);
      const list = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, runs]) => `${runs} ${kind}`);
      return `${total} runs (${list.join('; ')}), in ${missed} of which the write that was to be hit was not made`;
    },
  };
}
