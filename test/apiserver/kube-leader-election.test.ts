import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEventRecorder } from '../../operator/src/kube/events.ts';
import { type Leadership, runAsLeader } from '../../operator/src/kube/leader-election.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import { EVENT, LEASE } from '../../operator/src/kube/resource-kind.ts';
import { type Fixture, startFixture } from './kube-fixture.ts';
import { openTcpGate, type TcpGate } from './kube-tcp-gate.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture?.stop());

const stops: AbortController[] = [];
const gates: TcpGate[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) stop.abort();
  await Promise.all(gates.splice(0).map((gate) => gate.close()));
});

/** A candidate with the default times, behind a network of its own. */
async function candidate(name: string, identity: string) {
  const gate = await openTcpGate(fixture);
  gates.push(gate);
  const stop = new AbortController();
  stops.push(stop);
  let leadership: Leadership | undefined;
  let began = 0;
  const options = { client: fixture.client(gate.port), namespace: 'default', name, identity };
  const end = runAsLeader(
    options,
    async (given) => {
      began = performance.now();
      leadership = given;
      await new Promise<void>((resolve) => given.signal.addEventListener('abort', () => resolve()));
    },
    stop.signal,
  );
  return {
    gate,
    stop,
    end,
    began: () => began,
    isLeading: () => leadership?.isHeld() === true && !leadership.signal.aborted,
  };
}

const leading = (one: Awaited<ReturnType<typeof candidate>>, timeout: number) =>
  vi.waitFor(() => expect(one.isLeading()).toBe(true), { timeout, interval: 20 });

describe('leader election on a real API server', () => {
  it('hands over within 3 s of a graceful stop', async () => {
    const one = await candidate('graceful', 'one');
    await leading(one, 5_000);
    const two = await candidate('graceful', 'two');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(two.isLeading()).toBe(false);
    const stopped = performance.now();
    one.stop.abort();
    expect(await one.end).toBe('released');
    await leading(two, 3_000);
    expect(two.began() - stopped).toBeLessThan(3_000);
    const lease = await fixture.client().get(LEASE, { namespace: 'default', name: 'graceful' });
    expect(lease.spec).toMatchObject({
      holderIdentity: 'two',
      leaseTransitions: 1,
      leaseDurationSeconds: 15,
    });
  });

  it('takes over within 20 s from a leader that fell silent, which has stopped by then', async () => {
    const one = await candidate('silent', 'one');
    await leading(one, 5_000);
    const two = await candidate('silent', 'two');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const silenced = performance.now();
    one.gate.frozen = true;
    let overlap = false;
    const watchdog = setInterval(() => {
      overlap ||= one.isLeading() && two.isLeading();
    }, 5);
    await leading(two, 25_000);
    clearInterval(watchdog);
    expect(two.began() - silenced).toBeLessThan(20_000);
    expect(overlap).toBe(false);
    expect(await one.end).toBe('lost');
  });

  it('has one winner when many start at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, (_, index) => candidate('race', `c${index}`)));
    await vi.waitFor(() => expect(all.filter((one) => one.isLeading())).toHaveLength(1), { timeout: 5_000 });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(all.filter((one) => one.isLeading())).toHaveLength(1);
  });
});

interface ToldEvent extends KubeObject {
  reason: string;
  note: string;
  series?: { count: number };
}

describe('events on a real API server', () => {
  it('are accepted, and counted when repeated', async () => {
    const client = fixture.client();
    const recorder = createEventRecorder({
      client,
      reportingController: 'example.com/operator',
      reportingInstance: 'test',
    });
    const regarding = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-root-ca.crt', namespace: 'default', uid: 'u' },
    };
    const details = { type: 'Warning', reason: 'Tested', action: 'Test', note: 'x'.repeat(5000) } as const;
    for (let i = 0; i < 3; i++) recorder.event(regarding, details);
    await recorder.flush(5_000);
    await recorder.flush(5_000);
    recorder.event(regarding, { ...details, note: 'other' });
    await recorder.flush(5_000);
    const { items } = await client.list<ToldEvent>(EVENT, { namespace: 'default' });
    const ours = items.filter(({ reason }) => reason === 'Tested');
    expect(ours).toHaveLength(2);
    expect(ours.find(({ note }) => note === 'other')?.series).toBeUndefined();
    expect(ours.find(({ note }) => note.startsWith('xxx'))?.series?.count).toBe(3);
  });
});
