import { type Figure, PHASES, SYSTEMS } from './figures.ts';

/** Figures with newer ones in place of those of the same system and number of objects, in the order of numbers, phases and systems. */
export function mergeFigures(before: readonly Figure[], measured: readonly Figure[]): Figure[] {
  const replaced = new Set(measured.map(cellOf));
  return [...before.filter((figure) => !replaced.has(cellOf(figure))), ...measured].toSorted(
    (a, b) =>
      a.objects - b.objects ||
      PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase) ||
      SYSTEMS.indexOf(a.system) - SYSTEMS.indexOf(b.system),
  );
}

function cellOf({ system, objects }: Figure): string {
  return `${system} ${objects}`;
}
