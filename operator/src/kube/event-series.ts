import type { Clock } from './clock.ts';
import type { ObjectRef } from './objects.ts';

/** An event that was told, and how often since. */
export interface Series {
  /** What makes it the same event. */
  readonly identity: string;
  /** The Event object that tells it. */
  readonly ref: ObjectRef;
  count: number;
  lastSeenAt: number;
  /** The count that the API server has. */
  writtenCount: number;
  writtenAt: number;
  /** Whether the Event object exists. */
  created: boolean;
}

export interface SeriesMemoryOptions {
  clock: Clock;
  /** The same event after a pause this long is a new event. */
  windowMs: number;
  maxSeries: number;
}

/** Remembers which events were told, to count a repeated one instead of telling it again. Bounded; the oldest is forgotten. */
export interface SeriesMemory {
  /** The running series for an event's identity, counted up; undefined for a new one. */
  again(identity: string): Series | undefined;
  begin(identity: string, ref: ObjectRef): Series;
  forget(identity: string): void;
  /** Series whose count the API server does not have. */
  unwritten(): Series[];
}

export function createSeriesMemory({ clock, windowMs, maxSeries }: SeriesMemoryOptions): SeriesMemory {
  const memory = new Map<string, Series>();

  return {
    again(identity) {
      const series = memory.get(identity);
      if (series === undefined) return undefined;
      memory.delete(identity);
      if (clock.elapsed() - series.lastSeenAt > windowMs) return undefined;
      memory.set(identity, series); // Now the youngest.
      series.count++;
      series.lastSeenAt = clock.elapsed();
      return series;
    },
    begin(identity, ref) {
      const now = clock.elapsed();
      const series = {
        identity,
        ref,
        count: 1,
        lastSeenAt: now,
        writtenCount: 1,
        writtenAt: now,
        created: false,
      };
      memory.set(identity, series);
      for (const oldest of memory.keys()) {
        if (memory.size <= maxSeries) break;
        memory.delete(oldest);
      }
      return series;
    },
    forget(identity) {
      memory.delete(identity);
    },
    unwritten: () =>
      [...memory.values()].filter((series) => series.created && series.count > series.writtenCount),
  };
}
