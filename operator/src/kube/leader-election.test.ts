import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fenced } from './fence.ts';
import { type LeaderElectionOptions, type Leadership, runAsLeader } from './leader-election.ts';
import { heldForMs, type Lease, observe } from './lease.ts';
import { CONFIG_MAP } from './resource-kind.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';

const LEASE_MS = 1_500;
const path = '/apis/coordination.k8s.io/v1/namespaces/a/leases/op';
const lease = (spec: Lease['spec']): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'op', namespace: 'a' },
  spec: spec ?? {},
});

describe('observing a Lease', () => {
  it('starts the time anew only when the record moves, by our own clock', () => {
    const first = observe(
      lease({ holderIdentity: 'x', renewTime: 't1', leaseDurationSeconds: 15 }),
      undefined,
      1000,
      1,
    );
    expect(heldForMs(first, 1000)).toBe(15_000);
    const same = observe(
      lease({ holderIdentity: 'x', renewTime: 't1', leaseDurationSeconds: 15 }),
      first,
      9000,
      1,
    );
    expect(heldForMs(same, 9000)).toBe(7_000);
    const renewed = observe(lease({ holderIdentity: 'x', renewTime: 't0' }), same, 9000, 15_000);
    expect(heldForMs(renewed, 9000)).toBe(15_000);
  });

  it('finds a Lease without a holder free', () => {
    expect(heldForMs(observe(lease({ holderIdentity: '' }), undefined, 0, 15_000), 0)).toBe(0);
  });
});

describe('runAsLeader', () => {
  let server: FakeApiServer;
  const stops: AbortController[] = [];
  beforeEach(async () => {
    server = await startFakeApiServer();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) stop.abort();
    await server.close();
  });

  const holder = () => (server.objects.get(path) as Lease | undefined)?.spec?.holderIdentity;

  function candidate(identity: string, options: Partial<LeaderElectionOptions> = {}) {
    const stop = new AbortController();
    stops.push(stop);
    const { client } = server.client();
    let leadership: Leadership | undefined;
    const wound = Promise.withResolvers<void>();
    const end = runAsLeader(
      {
        client,
        namespace: 'a',
        name: 'op',
        identity,
        leaseDurationMs: LEASE_MS,
        // Far enough from the retry period that a busy machine does not lose a Lease.
        renewDeadlineMs: 1_200,
        retryPeriodMs: 50,
        ...options,
      },
      async (given) => {
        leadership = given;
        await new Promise<void>((resolve) => given.signal.addEventListener('abort', () => resolve()));
        await wound.promise;
      },
      stop.signal,
    );
    end.catch(() => undefined);
    return { stop, end, client, windDown: wound.resolve, leadership: () => leadership };
  }

  const leading = (one: ReturnType<typeof candidate>) =>
    vi.waitFor(() => expect(one.leadership()?.isHeld()).toBe(true), { timeout: 4000 });

  it('lets one lead and another take over as soon as the Lease is released', async () => {
    const one = candidate('one');
    await leading(one);
    const two = candidate('two');
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS + 200));
    expect(two.leadership()).toBeUndefined();
    expect(holder()).toBe('one');

    one.stop.abort();
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS + 200));
    expect(holder()).toBe('one'); // Still winding down, thus still renewing.
    expect(two.leadership()).toBeUndefined();

    one.windDown();
    expect(await one.end).toBe('released');
    await leading(two);
    expect(holder()).toBe('two');
    expect((server.objects.get(path) as Lease).spec).toMatchObject({
      leaseTransitions: 1,
      renewTime: expect.stringMatching(/\.\d{6}Z$/),
    });
  });

  it('waits out a leader that died', async () => {
    server.put(path, lease({ holderIdentity: 'dead', renewTime: 'x', leaseDurationSeconds: 1 }));
    const started = performance.now();
    await leading(candidate('two'));
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  it('gives up at once when another holds the Lease', async () => {
    const one = candidate('one');
    await leading(one);
    server.put(path, lease({ holderIdentity: 'thief', renewTime: 'now', leaseDurationSeconds: 15 }));
    expect(await one.end).toBe('lost');
    expect(one.leadership()?.signal.aborted).toBe(true);
    expect(one.leadership()?.isHeld()).toBe(false);
    expect(holder()).toBe('thief');
  });

  it('gives up when it cannot renew in time, even if the server only hangs', async () => {
    const one = candidate('one');
    await leading(one);
    server.interfere = () => true;
    expect(await one.end).toBe('lost');
    expect(one.leadership()?.isHeld()).toBe(false);
  });

  it('survives an edited and a deleted Lease', async () => {
    const one = candidate('one');
    await leading(one);
    server.put(path, lease({ ...(server.objects.get(path) as Lease).spec }));
    await new Promise((resolve) => setTimeout(resolve, 150));
    server.remove(path);
    await vi.waitFor(() => expect(holder()).toBe('one'));
    expect(one.leadership()?.isHeld()).toBe(true);
  });

  it('releases and rejects when the leader fails', async () => {
    const { client } = server.client();
    const options = { client, namespace: 'a', name: 'op', identity: 'one' };
    const failing = runAsLeader(
      options,
      async () => {
        throw new Error('boom');
      },
      new AbortController().signal,
    );
    await expect(failing).rejects.toThrow('boom');
    expect(holder()).toBe('');
  });

  it('ends without leading when stopped while it waits', async () => {
    server.put(path, lease({ holderIdentity: 'other', renewTime: 'x', leaseDurationSeconds: 60 }));
    const one = candidate('one');
    await new Promise((resolve) => setTimeout(resolve, 100));
    one.stop.abort();
    expect(await one.end).toBe('released');
    expect(holder()).toBe('other');
  });

  it('refuses times that do not fit together', async () => {
    await expect(candidate('one', { renewDeadlineMs: 2_000 }).end).rejects.toThrow(RangeError);
  });
});

describe('a fenced client', () => {
  it('reads but no longer writes', async () => {
    const server = await startFakeApiServer();
    let held = true;
    const client = fenced(server.client().client, () => held);
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', namespace: 'a' } };
    await client.create(CONFIG_MAP, object);
    held = false;
    expect(await client.find(CONFIG_MAP, object.metadata)).toBeDefined();
    const before = server.requests.length;
    for (const write of [
      client.create(CONFIG_MAP, object),
      client.replace(CONFIG_MAP, object),
      client.apply(CONFIG_MAP, object, { fieldManager: 'x' }),
      client.patch(CONFIG_MAP, object.metadata, {}),
      client.patchStatus(CONFIG_MAP, object.metadata, {}),
      client.delete(CONFIG_MAP, object.metadata),
    ]) {
      await expect(write).rejects.toMatchObject({ name: 'FencedError' });
    }
    expect(server.requests).toHaveLength(before);
    await server.close();
  });
});
