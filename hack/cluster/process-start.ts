import { readFile } from 'node:fs/promises';

/**
 * When a process started, in clock ticks since boot; undefined when there is none, or only what is left until its parent asks
 * for it. Together with it, a pid says which process is meant: alone, it may be somebody else's by now.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // proc(5): the command, second, may hold spaces and parentheses; the state comes next, the start is field 22.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}
