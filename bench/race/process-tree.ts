import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks per second in /proc/PID/stat: 100 on every Linux (USER_HZ, proc(5)). */
const TICKS_PER_SECOND = 100;

/** What /proc/PID/stat says of a process. */
export interface ProcessStat {
  parent: number;
  /** User and kernel time, that of children already waited for included. */
  cpuSeconds: number;
}

/** Reads a line of /proc/PID/stat (proc(5)). The command name may hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const field = (position: number): number => Number(fields[position - 3]);
  return { parent: field(4), cpuSeconds: (field(14) + field(15) + field(16) + field(17)) / TICKS_PER_SECOND };
}

/** Reads the peak resident memory, `VmHWM`, out of /proc/PID/status. In bytes; 0 for a process without memory. */
export function parsePeakRss(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** A process and all that descend from it, given every process' parent. */
export function descendants(root: number, parents: ReadonlyMap<number, number>): number[] {
  const family = [root];
  for (const pid of family) {
    for (const [child, parent] of parents) if (parent === pid) family.push(child);
  }
  return family;
}

/** The processes of the tree below `root` that are alive, itself included. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const stat = pid > 0 ? read(pid, 'stat') : undefined;
    if (stat !== undefined) parents.set(pid, parseStat(stat).parent);
  }
  return parents.has(root) ? descendants(root, parents) : [];
}

/** Processor time of a process tree so far, in seconds. */
export function cpuSecondsOf(root: number): number {
  return processTree(root).reduce((total, pid) => {
    const stat = read(pid, 'stat');
    return stat === undefined ? total : total + parseStat(stat).cpuSeconds;
  }, 0);
}

/** Peak resident memory of a process tree since `resetPeakRss`: the sum of each process' own peak, in bytes. */
export function peakRssOf(root: number): number {
  return processTree(root).reduce((total, pid) => total + parsePeakRss(read(pid, 'status') ?? ''), 0);
}

/** Lets the peak of every process of a tree start again from what it holds now. */
export function resetPeakRss(root: number): void {
  for (const pid of processTree(root)) {
    try {
      // proc(5): 5 resets the peak resident set size to the current one.
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
    } catch {
      // The process is gone, or the kernel has no such file: the peak then counts from the process' start.
    }
  }
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
