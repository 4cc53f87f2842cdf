import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ask } from '../testing/http-client.ts';
import { type MountedSecret, mountSecret } from '../testing/mounted-secret.ts';
import { type ScriptedStore, startScriptedStore } from '../testing/scripted-store.ts';
import { type Served, serve } from '../testing/serve.ts';
import type { HtpasswdFile } from './htpasswd.ts';
import { watchHtpasswd } from './htpasswd-watch.ts';

// Of "pässword", in another way each.
const HASH = '$2y$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG';
const OTHER_HASH = '$apr1$saltsalt$553eXAj/BD3irf9w9nutz/';

let secret: MountedSecret;
beforeEach(async () => {
  secret = await mountSecret({ auth: `ann:${HASH}\n` });
});
afterEach(() => secret.remove());

describe('a mounted file', () => {
  const usersOf = ({ hashes }: HtpasswdFile) => [...hashes.keys()];

  test('is read again when Kubernetes swaps the link above it', async () => {
    const changes: string[][] = [];
    const watch = watchHtpasswd(
      secret.path('auth'),
      { onChange: (file) => changes.push(usersOf(file)), onError() {} },
      10,
    );
    expect(usersOf(watch.initial)).toEqual(['ann']);
    await secret.replace({ auth: `bob:${HASH}\n` });
    await vi.waitFor(() => expect(changes).toEqual([['bob']]), 5000);
    await secret.replace({ auth: `bob:${HASH}\n` });
    await secret.replace({ auth: `bob:${HASH}\neve:${HASH}\n` });
    // The version in between was the same file to a reader.
    await vi.waitFor(() => expect(changes).toEqual([['bob'], ['bob', 'eve']]), 5000);
    watch.stop();
  });

  test('that cannot be read is told once, and its users stay', async () => {
    const events: unknown[] = [];
    const watch = watchHtpasswd(
      secret.path('auth'),
      { onChange: (file) => events.push(usersOf(file)), onError: () => events.push('error') },
      10,
    );
    await secret.replace({ other: '' });
    await vi.waitFor(() => expect(events).toEqual(['error']), 5000);
    await secret.replace({ auth: `bob:${HASH}\n` });
    await vi.waitFor(() => expect(events).toEqual(['error', ['bob']]), 5000);
    await secret.replace({ other: '' });
    await vi.waitFor(() => expect(events).toEqual(['error', ['bob'], 'error']), 5000);
    watch.stop();
  });

  test('that is not there at the start is an error', () => {
    expect(() => watchHtpasswd(secret.path('missing'), { onChange() {}, onError() {} })).toThrow(/ENOENT/);
  });
});

describe('a proxy whose users change', () => {
  let store: ScriptedStore;
  let served: Served;
  beforeEach(async () => {
    store = await startScriptedStore(() => ({ status: 200, headers: { ETag: '"a"' }, body: 'hello' }));
    served = await serve(store.endpoint, { AUTH_HTPASSWD_FILE: secret.path('auth'), AUTH_REALM: 'photos' });
  });
  afterEach(async () => {
    await served.stop();
    await store.close();
  });

  const as = async (user?: string, method = 'GET') => {
    const Authorization = `Basic ${Buffer.from(`${user}:pässword`).toString('base64')}`;
    return ask(served.port, '/a', { method, headers: user === undefined ? {} : { Authorization } });
  };

  test('drops no request of those who stay, lets new ones in and old ones no more', async () => {
    expect([(await as('ann')).status, (await as('bob')).status]).toEqual([200, 401]);
    let swapped = false;
    const statuses = new Set<number>();
    const asking = (async () => {
      // Until both have happened: a few hundred requests while the file is swapped and read.
      for (;;) {
        statuses.add((await as('ann')).status);
        if (swapped) return;
      }
    })();
    await secret.replace({ auth: `ann:${HASH}\nbob:${OTHER_HASH}\n` });
    await vi.waitFor(async () => expect((await as('bob')).status).toBe(200), { timeout: 8000, interval: 50 });
    swapped = true;
    await asking;
    expect([...statuses]).toEqual([200]);

    await secret.replace({ auth: `bob:${OTHER_HASH}\n` });
    await vi.waitFor(async () => expect((await as('ann')).status).toBe(401), { timeout: 8000, interval: 50 });
    expect((await as('bob')).status).toBe(200);
  }, 30_000);

  test('challenges with its realm, by GET and by HEAD, and asks nothing of the store', async () => {
    for (const method of ['GET', 'HEAD', 'POST']) {
      const answer = await as(undefined, method);
      expect(answer.status).toBe(401);
      expect(answer.field('www-authenticate')).toBe('Basic realm="photos", charset="UTF-8"');
      expect(answer.body.toString()).toBe(method === 'HEAD' ? '' : 'Unauthorized\n');
    }
    expect(store.questions).toEqual([]);
    expect((await ask(served.port, '/health')).status).toBe(200);
  });

  test('tells nobody without a password whether a target is valid or a key is there', async () => {
    for (const target of ['/missing', '/%', '/../a', '/'])
      expect((await ask(served.port, target)).status, target).toBe(401);
    expect(store.questions).toEqual([]);
  });
});
