import type { Cell } from './figures.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

export const OBJECT_SIZES = [KIB, 100 * KIB, 64 * MIB] as const;
export const CONNECTIONS = [1, 32, 256] as const;

/** Objects from this size on move for seconds, so they need longer rounds and are counted by their bytes. */
export const LARGE_OBJECT_BYTES = 16 * MIB;

/** How long and how often each system runs in a cell. */
export interface Pace {
  rounds: number;
  /** Length of one round. wrk takes whole seconds. */
  seconds: number;
}

/**
 * The pace of a cell. A large object's rounds are longer, and fewer: with 256 connections at 600 MB/s, the first ones are through after 27 s only.
 * @param base the pace for small objects
 */
export function paceOf(cell: Cell, base: Pace): Pace {
  if (cell.objectBytes < LARGE_OBJECT_BYTES) return base;
  if (cell.connections === 1) return { rounds: atLeastOne(base.rounds / 2), seconds: base.seconds };
  if (cell.connections <= 32) return { rounds: atLeastOne(base.rounds * 0.75), seconds: base.seconds * 4 };
  return { rounds: 1, seconds: base.seconds * 12 };
}

/** The cells in racing order: small objects first, so that what large ones leave in memory does not weigh on them. */
export function cells(sizes: readonly number[], connections: readonly number[]): Cell[] {
  return sizes.flatMap((objectBytes) => connections.map((count) => ({ objectBytes, connections: count })));
}

/** The same entries, starting `by` places further on: nobody always runs first, or always after the same other. */
export function rotate<T>(entries: readonly T[], by: number): T[] {
  const start = entries.length === 0 ? 0 : by % entries.length;
  return [...entries.slice(start), ...entries.slice(0, start)];
}

function atLeastOne(rounds: number): number {
  return Math.max(1, Math.round(rounds));
}
