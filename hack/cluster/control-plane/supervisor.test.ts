import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { processStart } from '../process-start.ts';
import { supervise } from './supervisor.ts';

let logs = '';
beforeEach(async () => {
  logs = await mkdtemp(join(tmpdir(), 'supervisor-'));
});
afterEach(() => rm(logs, { recursive: true, force: true }));

const isAlive = async (pid: number | undefined): Promise<boolean> =>
  pid !== undefined && (await processStart(pid)) !== undefined;

test('what it writes is in its log; stopped, it stays stopped until started', async () => {
  const program = supervise('echo', 'sh', ['-c', 'echo here; exec sleep 60'], { logs });
  await vi.waitFor(async () => expect(await readFile(join(logs, 'echo.log'), 'utf8')).toBe('here\n'));
  const { pid } = program;
  await program.stop();
  expect(await isAlive(pid)).toBe(false);
  program.start();
  expect(await isAlive(program.pid)).toBe(true);
  await program.kill();
  expect(await isAlive(program.pid)).toBe(false);
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
  expect(await isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false), { timeout: 5_000 });
});
