import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { supervise } from './supervisor.ts';

let logs = '';
beforeEach(async () => {
  logs = await mkdtemp(join(tmpdir(), 'supervisor-'));
});
afterEach(() => rm(logs, { recursive: true, force: true }));

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('what it writes is in its log; stopped, it stays stopped until started', async () => {
  const program = supervise('echo', 'sh', ['-c', 'echo here; exec sleep 60'], { logs });
  await vi.waitFor(async () => expect(await readFile(join(logs, 'echo.log'), 'utf8')).toBe('here\n'));
  const { pid } = program;
  await program.stop();
  expect(isAlive(pid)).toBe(false);
  program.start();
  expect(isAlive(program.pid)).toBe(true);
  await program.kill();
  expect(isAlive(program.pid)).toBe(false);
});

test('one that ends by itself is started again', async () => {
  const program = supervise('short', 'true', [], { logs });
  const { pid } = program;
  await vi.waitFor(() => expect(program.pid).not.toBe(pid), { timeout: 5_000 });
  await program.stop();
});

test('it dies with its supervisor, even if that is killed', async () => {
  const module = join(import.meta.dirname, 'supervisor.ts');
  const script = `import { supervise } from ${JSON.stringify(module)};
    console.log(supervise('sleep', 'sleep', ['60'], { logs: ${JSON.stringify(logs)} }).pid);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (data) => resolve(Number(data))),
  );
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000 });
});
