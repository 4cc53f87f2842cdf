import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { command } from '../../hack/cluster/command.ts';
import { type ControlPlane, startControlPlane } from '../../hack/cluster/control-plane.ts';

let directory = '';
let controlPlane: ControlPlane;
let program = '';

const kubectl = (...args: string[]): Promise<string> =>
  command(program, ['--kubeconfig', controlPlane.kubeconfig, '--namespace', 'default', ...args]);
const color = (): Promise<string> => kubectl('get', 'configmap', 'sky', '-o', 'jsonpath={.data.color}');

beforeAll(async () => {
  program = await binary('kubectl');
  directory = await mkdtemp(join(tmpdir(), 's3proxy-control-plane-'));
  controlPlane = await startControlPlane({ directory });
});

afterAll(async () => {
  await controlPlane?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('an object comes back as it was written', async () => {
  await kubectl('create', 'configmap', 'sky', '--from-literal=color=blue');
  expect(await color()).toBe('blue');
});

test('a write is in the audit log, its content is not', async () => {
  const text = await readFile(controlPlane.auditLog, 'utf8');
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { verb: string; objectRef?: { resource: string; name?: string } });
  expect(events).toContainEqual(
    expect.objectContaining({
      verb: 'create',
      objectRef: expect.objectContaining({ resource: 'configmaps', name: 'sky' }),
    }),
  );
  expect(text).not.toContain('blue');
});

test('a crash of the API server loses nothing', async () => {
  await controlPlane.apiServer.kill();
  await expect(color()).rejects.toThrow();
  controlPlane.apiServer.start();
  await controlPlane.ready();
  expect(await color()).toBe('blue');
});

test('a crash of etcd loses nothing', async () => {
  await controlPlane.etcd.kill();
  controlPlane.etcd.start();
  await controlPlane.ready();
  expect(await color()).toBe('blue');
});

test('started again on its directory, it has its data and its address again', async () => {
  const { url } = controlPlane;
  await controlPlane.stop();
  controlPlane = await startControlPlane({ directory });
  expect(controlPlane.url).toBe(url);
  expect(await color()).toBe('blue');
});
