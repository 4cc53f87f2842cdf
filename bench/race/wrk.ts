import { join } from 'node:path';
import { command } from '../../hack/cluster/command.ts';
import type { Cell } from './figures.ts';
import { LARGE_OBJECT_BYTES } from './plan.ts';
import { sum } from './statistics.ts';

/** What wrk reports of one run. */
export interface WrkReport {
  /** Responses received whole, failed ones included. */
  requests: number;
  /** Bytes received, headers and broken responses included. */
  bytes: number;
  microseconds: number;
  /** Latency percentiles over whole responses, in microseconds. */
  p50: number;
  p99: number;
  errors: Record<'connect' | 'read' | 'write' | 'status' | 'timeout', number>;
}

export interface LoadOptions {
  /** Path of wrk. */
  wrk: string;
  /** Processors to run on, as taskset(1) takes them. */
  processors: string;
  threads: number;
  connections: number;
  /** Whole seconds. */
  seconds: number;
}

/** A response that takes longer counts as failed. */
const RESPONSE_TIMEOUT_SECONDS = 120;

/** Sends requests for one URL over keep-alive connections, each as fast as its responses come. */
export async function load(url: string, options: LoadOptions): Promise<WrkReport> {
  const threads = Math.min(options.threads, options.connections);
  const output = await command(
    'setpriv',
    [
      // The kernel ends it should this process end first.
      ...['--pdeathsig', 'KILL', 'taskset', '--cpu-list', options.processors, options.wrk],
      ...['--threads', String(threads), '--connections', String(options.connections)],
      ...['--duration', `${options.seconds}s`, '--timeout', `${RESPONSE_TIMEOUT_SECONDS}s`],
      ...['--script', join(import.meta.dirname, 'wrk.lua'), url],
    ],
    { timeoutMs: (options.seconds + 30) * 1_000 },
  );
  return parseReport(output);
}

/** @throws Error where wrk's output has no result */
export function parseReport(output: string): WrkReport {
  return parseResult(output) as WrkReport;
}

/**
 * What a script printed at the end, as JSON behind `RESULT`.
 * @throws Error where wrk's output has no result
 */
export function parseResult(output: string): unknown {
  const json = /^RESULT (\{.*\})$/m.exec(output)?.[1];
  if (json === undefined) throw new Error(`wrk printed no result:\n${output}`);
  return JSON.parse(json);
}

/** What a round brought, in the cell's terms. */
export interface Outcome {
  seconds: number;
  requests: number;
  p50Ms: number;
  p99Ms: number;
  errors: number;
}

/**
 * Judges a report.
 * - Large objects are counted by their bytes, since many are under way when the round ends.
 * - Where fewer responses came than there are connections, the others' first requests took at least the whole round, and count as that long.
 * - Where the bytes are fewer than the responses must hold, the missing ones count as errors.
 * @param headerBytes size of one response's head
 */
export function outcomeOf(report: WrkReport, cell: Cell, headerBytes: number): Outcome {
  const seconds = report.microseconds / 1e6;
  const failed = sum(Object.values(report.errors));
  const expected = cell.objectBytes + headerBytes;
  const whole = report.requests - report.errors.status;
  const covered = Math.floor(report.bytes / (expected * LENGTH_TOLERANCE));
  const percentile = (fraction: number, measured: number): number => {
    const unfinished = Math.max(0, cell.connections - report.requests);
    const finishedShare = report.requests / (report.requests + unfinished);
    return finishedShare >= fraction ? measured / 1_000 : seconds * 1_000;
  };
  return {
    seconds,
    requests: cell.objectBytes >= LARGE_OBJECT_BYTES ? report.bytes / expected : whole,
    p50Ms: percentile(0.5, report.p50),
    p99Ms: percentile(0.99, report.p99),
    errors: failed + Math.max(0, whole - covered),
  };
}

/** Heads differ by some bytes from response to response (dates, request ids). */
const LENGTH_TOLERANCE = 0.97;
