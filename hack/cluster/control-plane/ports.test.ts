import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPorts } from './ports.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ports-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('a directory keeps its ports', async () => {
  const ports = await loadPorts(directory, '127.0.0.1');
  expect(new Set(Object.values(ports)).size).toBe(3);
  expect(await loadPorts(directory, '127.0.0.1')).toEqual(ports);
});

test('but not one that somebody else listens on', async () => {
  const { etcd } = await loadPorts(directory, '127.0.0.1');
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(etcd, '127.0.0.1', resolve));
  try {
    expect((await loadPorts(directory, '127.0.0.1')).etcd).not.toBe(etcd);
  } finally {
    other.close();
  }
});

test('a wanted port is taken as it is', async () => {
  await loadPorts(directory, '127.0.0.1');
  expect((await loadPorts(directory, '127.0.0.1', 6443)).api).toBe(6443);
});
