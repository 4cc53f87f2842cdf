import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPki } from './pki.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pki-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const names = { address: '10.1.2.3', server: ['localhost', '10.1.2.3', '10.96.0.1'] };
const certificate = async (path: string): Promise<X509Certificate> =>
  new X509Certificate(await readFile(path));

test('certificates are good for their names, by the one authority', async () => {
  const pki = await loadPki(directory, names);
  const ca = await certificate(pki.ca);
  const serving = await certificate(pki.serving.cert);
  expect(serving.verify(ca.publicKey)).toBe(true);
  expect(serving.checkHost('localhost')).toBe('localhost');
  expect(serving.checkIP('10.96.0.1')).toBe('10.96.0.1');
  const kubelet = await certificate(pki.kubelet.cert);
  expect(kubelet.subject.split('\n').sort()).toEqual(['CN=system:node:local', 'O=system:nodes']);
  expect(kubelet.checkIP('10.1.2.3')).toBe('10.1.2.3');
});

test('asked again for the same names, nothing changes', async () => {
  const before = await readFile((await loadPki(directory, names)).admin.cert, 'utf8');
  expect(await readFile((await loadPki(directory, names)).admin.cert, 'utf8')).toBe(before);
});

test('for another address, certificates are made anew; the authority and the token keys stay', async () => {
  const { ca, serviceAccountKeys } = await loadPki(directory, names);
  const authority = await certificate(ca);
  const before = await readFile(serviceAccountKeys.privateKey, 'utf8');
  const { serving } = await loadPki(directory, { address: '10.9.9.9', server: ['10.9.9.9'] });
  const anew = await certificate(serving.cert);
  expect(anew.checkIP('10.9.9.9')).toBe('10.9.9.9');
  expect(anew.verify(authority.publicKey)).toBe(true);
  expect(await readFile(serviceAccountKeys.privateKey, 'utf8')).toBe(before);
});
