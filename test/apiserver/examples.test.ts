import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeFaults, parseS3Proxy } from '../../operator/src/api/parse.ts';
import { KIND, type ValidS3Proxy } from '../../operator/src/api/s3proxy.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import { parseBasicAuth } from '../../operator/src/resources/basic-auth.ts';
import { credentialsFault, staticCredentials } from '../../operator/src/resources/credentials.ts';
import { proxyEnvironment } from '../../operator/src/resources/proxy-environment.ts';
import { type Secret, secretData } from '../../operator/src/resources/secret.ts';
import { readSettings } from '../../proxy/src/read-config.ts';
import {
  builtInChildren,
  type Certificates,
  foreignChildren,
  inDefaultNamespace,
  issueCertificates,
} from './children.ts';
import { type CrdFixture, startCrdFixture } from './crd-fixture.ts';

const DIRECTORY = resolve(import.meta.dirname, '../../docs/examples');
const FILES = (await readdir(DIRECTORY)).filter((name) => name.endsWith('.yaml'));

let fixture: CrdFixture;
let certificates: Certificates;

beforeAll(async () => {
  fixture = await startCrdFixture();
  certificates = await issueCertificates();
});
afterAll(() => fixture?.stop());

const read = (name: string): Promise<string> => readFile(join(DIRECTORY, name), 'utf8');

async function objectsIn(name: string): Promise<KubeObject[]> {
  return parseAllDocuments(await read(name)).map((document): KubeObject => document.toJS());
}

/** The S3Proxies of a file, as the operator has them once they are stored. */
async function s3proxiesIn(name: string): Promise<ValidS3Proxy[]> {
  const objects = (await objectsIn(name)).filter(({ kind }) => kind === KIND);
  return objects.map((object) => {
    const metadata = {
      ...object.metadata,
      namespace: 'default',
      uid: '6ad1bbd6-4b0c-4b1d-9a3c-0b6f2f3f0d5a',
    };
    const parsed = parseS3Proxy({ ...object, metadata });
    if (!parsed.ok) throw new Error(describeFaults(parsed.faults));
    return parsed.s3proxy;
  });
}

/** The Secret of a file with a name, as the API server stores it. */
async function secretIn(file: string, name: string | undefined): Promise<Secret> {
  const found = (await objectsIn(file)).find(
    ({ kind, metadata }) => kind === 'Secret' && metadata.name === name,
  );
  if (found === undefined) throw new Error(`${file} has no Secret ${name}`);
  const { stringData } = found as KubeObject & { stringData: Record<string, string> };
  return { ...found, data: secretData(stringData) };
}

describe.each(FILES)('%s', (file) => {
  test('says when to use it', async () => {
    expect(await read(file)).toMatch(/^# Use this .{20,}/);
  });

  test('is taken by the API server as it is, without an unknown field', async () => {
    const path = join(DIRECTORY, file);
    const applied = await fixture.kubectl('apply', '--dry-run=server', '--validate=strict', '-f', path);
    expect(applied.trim().split('\n')).toHaveLength((await objectsIn(file)).length);
  });

  test('becomes children that the API server takes', async () => {
    const s3proxies = await s3proxiesIn(file);
    expect(s3proxies).not.toEqual([]);
    for (const s3proxy of s3proxies) {
      for (const [kind, child] of await builtInChildren(s3proxy, certificates)) {
        const manifest = inDefaultNamespace(child);
        const stored = await fixture.client.apply(kind, manifest, { fieldManager: 'test', dryRun: true });
        expect(stored).toMatchObject(JSON.parse(JSON.stringify(manifest)));
      }
    }
  });

  test('gives the proxy an environment that it takes', async () => {
    for (const s3proxy of await s3proxiesIn(file)) {
      const variables = proxyEnvironment(s3proxy).map(({ name, value = 'from-a-secret' }) => [name, value]);
      expect(() => readSettings(Object.fromEntries(variables))).not.toThrow();
    }
  });

  test('has Secrets that the operator takes', async () => {
    for (const s3proxy of await s3proxiesIn(file)) {
      const keys = staticCredentials(s3proxy);
      if (keys !== undefined) {
        expect(credentialsFault(keys, await secretIn(file, keys.secretName))).toBeUndefined();
      }
      const users = s3proxy.spec.auth.basic.secretRef?.name;
      if (users !== undefined) {
        expect(parseBasicAuth(await secretIn(file, users))).toMatchObject({ ok: true });
      }
    }
  });
});

test('the index lists every example, and no other', async () => {
  const listed = [...(await read('README.md')).matchAll(/^\| \[([^\]]+)\]\(([^)]+)\)/gm)];
  expect(listed.map(([, text]) => text)).toEqual(listed.map(([, , target]) => target));
  expect(listed.map(([, text]) => text).sort()).toEqual(FILES.toSorted());
});

test.each([
  ['gateway-api.yaml', ['HTTPRoute']],
  ['cert-manager.yaml', ['Certificate']],
  ['website.yaml', ['Certificate']],
  ['ingress-nginx.yaml', []],
])('%s asks other projects for %j', async (file, kinds) => {
  const children = (await s3proxiesIn(file)).flatMap((s3proxy) => foreignChildren(s3proxy));
  expect(children.map(([{ kind }]) => kind)).toEqual(kinds);
});

test('the example of large downloads is scaled and guarded, the locked-down one shielded', async () => {
  const kindsOf = async (file: string): Promise<string[]> => {
    const children = (await s3proxiesIn(file)).map((s3proxy) => builtInChildren(s3proxy, certificates));
    return (await Promise.all(children)).flat().map(([{ kind }]) => kind);
  };
  expect(await kindsOf('large-downloads.yaml')).toEqual(
    expect.arrayContaining(['HorizontalPodAutoscaler', 'PodDisruptionBudget']),
  );
  expect(await kindsOf('locked-down.yaml')).toEqual(
    expect.arrayContaining(['NetworkPolicy', 'PodDisruptionBudget']),
  );
});
