import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareDirectory, removeOwnFiles } from './directory.ts';

let parent = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'directory-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

test('it is made, and removed with what is in it', async () => {
  const directory = await prepareDirectory(join(parent, 'a', 'cluster'));
  await writeFile(join(directory, 'machine.json'), '{}');
  await mkdir(join(directory, 'etcd', 'member'), { recursive: true });
  await removeOwnFiles(directory);
  expect(await readdir(join(parent, 'a'))).toEqual([]);
  await removeOwnFiles(directory);
});

test('a cluster’s directory is found again', async () => {
  await writeFile(join(parent, 'machine.json'), '{}');
  await writeFile(join(parent, 'kubeconfig'), '{}');
  await expect(prepareDirectory(parent)).resolves.toBe(parent);
});

test('somebody else’s files are neither built upon nor removed', async () => {
  await mkdir(join(parent, 'logs'));
  await expect(prepareDirectory(parent)).rejects.toThrow(/not empty/);
  await removeOwnFiles(parent);
  expect(await readdir(parent)).toEqual(['logs']);
  await writeFile(join(parent, 'machine.json'), '{}');
  await writeFile(join(parent, 'thesis.txt'), '');
  await removeOwnFiles(parent);
  expect(await readdir(parent)).toEqual(['thesis.txt']);
});

test('a folder that the machine cannot see is refused', async () => {
  await expect(prepareDirectory('/run/lock')).rejects.toThrow('/run');
});
