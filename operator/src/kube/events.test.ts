import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEventRecorder, cutNote, type EventRecorder } from './events.ts';
import { createRuntimeMetrics, type RuntimeMetrics } from './metrics.ts';
import type { AnyObject } from './objects.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';
import { type ManualClock, manualClock } from './testing/manual-clock.ts';

const regarding = {
  apiVersion: 's3proxy.dev/v1alpha1',
  kind: 'S3Proxy',
  metadata: { name: 'photos', namespace: 'a', uid: 'u1', resourceVersion: '7' },
};
const details = {
  type: 'Warning',
  reason: 'SecretMissing',
  action: 'Reconcile',
  note: 'no Secret x',
} as const;

describe('the event recorder', () => {
  let server: FakeApiServer;
  let clock: ManualClock;
  let metrics: RuntimeMetrics;
  let recorder: EventRecorder;
  let busy: boolean;

  beforeEach(async () => {
    server = await startFakeApiServer();
    clock = manualClock();
    metrics = createRuntimeMetrics();
    busy = false;
    recorder = createEventRecorder({
      client: server.client().client,
      reportingController: 's3proxy.dev/operator',
      reportingInstance: 'pod-1',
      isBusy: () => busy,
      clock,
      metrics,
    });
  });
  afterEach(async () => {
    recorder.close();
    await server.close();
  });

  const events = () => [...server.objects.values()] as (AnyObject & { series?: { count: number } })[];
  /** One event each about so many objects. */
  const tellMany = (count: number) => {
    for (let i = 0; i < count; i++) {
      const metadata = { ...regarding.metadata, name: `n${i}`, uid: `u${i}` };
      recorder.event({ ...regarding, metadata }, details);
    }
  };

  it('writes an events.k8s.io/v1 Event into the object’s namespace', async () => {
    recorder.event(regarding, details);
    await recorder.flush(1000);
    expect([...server.objects.keys()][0]).toMatch(
      /^\/apis\/events.k8s.io\/v1\/namespaces\/a\/events\/photos\./,
    );
    expect(events()[0]).toMatchObject({
      ...details,
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 's3proxy.dev/operator',
      reportingInstance: 'pod-1',
      regarding: { kind: 'S3Proxy', name: 'photos', namespace: 'a', uid: 'u1' },
    });
  });

  it('counts the same event instead of telling it again', async () => {
    for (let i = 0; i < 20; i++) recorder.event(regarding, details);
    await recorder.flush(1000);
    await recorder.flush(1000);
    expect(events()).toHaveLength(1);
    expect(events()[0]?.series?.count).toBe(20);
    expect(server.requests).toHaveLength(2);
    const text = await metrics.registry.metrics();
    expect(text).toContain('kube_events_total{type="Warning",outcome="written"} 1');
    expect(text).toContain('kube_events_total{type="Warning",outcome="merged"} 19');
  });

  it('writes a running series no more than every five minutes', async () => {
    recorder.event(regarding, details);
    await recorder.flush(1000);
    for (let minute = 1; minute <= 6; minute++) {
      await clock.advance(60_000);
      recorder.event(regarding, details);
    }
    await vi.waitFor(() => expect(events()[0]?.series?.count).toBe(6));
    expect(server.requests).toHaveLength(2);
  });

  it('tells one anew that somebody deleted', async () => {
    recorder.event(regarding, details);
    await recorder.flush(1000);
    for (const path of [...server.objects.keys()]) server.remove(path);
    expect(events()).toEqual([]);
    for (let round = 0; round < 2; round++) {
      await clock.advance(300_000);
      recorder.event(regarding, details);
      await recorder.flush(1000);
    }
    expect(events()).toHaveLength(1);
  });

  it('tells it anew after a pause, or when the note differs', async () => {
    recorder.event(regarding, details);
    recorder.event(regarding, { ...details, note: 'no Secret y' });
    await clock.advance(600_001);
    recorder.event(regarding, details);
    await recorder.flush(1000);
    expect(events()).toHaveLength(3);
  });

  it('limits how much it says about one object', async () => {
    for (let i = 0; i < 40; i++) recorder.event(regarding, { ...details, note: String(i) });
    recorder.event({ ...regarding, metadata: { ...regarding.metadata, name: 'b', uid: 'u2' } }, details);
    await recorder.flush(1000);
    expect(events()).toHaveLength(26);
  });

  it('never fails and never waits, whatever the server does', async () => {
    server.interfere = (_request, response) => response.writeHead(403).end('{}') !== undefined;
    recorder.event(regarding, details);
    await recorder.flush(1000);
    server.interfere = undefined;
    recorder.event(regarding, details); // Not remembered as told.
    await recorder.flush(1000);
    expect(events()).toHaveLength(1);
    recorder.close();
    recorder.event(regarding, { ...details, note: 'late' });
  });

  describe('while there is other work', () => {
    const written = (count: number) => vi.waitFor(() => expect(events()).toHaveLength(count));

    beforeEach(() => {
      busy = true;
      tellMany(100);
    });

    it('lets events trickle', async () => {
      await written(1);
      for (let count = 2; count <= 5; count++) {
        await clock.advance(249);
        expect(events()).toHaveLength(count - 1);
        await clock.advance(1);
        await written(count);
      }
    });

    it('writes the rest of them as soon as that work is done', async () => {
      await written(1);
      busy = false;
      await clock.advance(250);
      await written(100);
    });

    it('writes them all at a flush', async () => {
      await written(1);
      await recorder.flush(1000);
      expect(events()).toHaveLength(100);
    });
  });

  it('drops events beyond ten thousand that wait, and says how many', async () => {
    server.interfere = () => true; // No answer.
    tellMany(10_100);
    // Four are being written.
    expect(await metrics.registry.metrics()).toContain(
      'kube_events_total{type="Warning",outcome="dropped"} 96',
    );
  });

  it('counts a repeated event though ten thousand wait', async () => {
    server.interfere = () => true; // No answer.
    tellMany(10_000);
    tellMany(1);
    expect(await metrics.registry.metrics()).toContain(
      'kube_events_total{type="Warning",outcome="merged"} 1',
    );
  });

  it('keeps the name within the limit', async () => {
    const name = 'x'.repeat(253);
    recorder.event({ ...regarding, metadata: { ...regarding.metadata, name } }, details);
    await recorder.flush(1000);
    expect(events()[0]?.metadata.name).toHaveLength(253);
  });
});

describe('cutNote', () => {
  it('cuts at 1 kB and never inside a character', () => {
    expect(cutNote('short')).toBe('short');
    for (const note of ['x'.repeat(3000), '€'.repeat(1000), `x${'𝄞'.repeat(500)}`]) {
      const cut = cutNote(note);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(1024);
      expect(Buffer.byteLength(cut)).toBeGreaterThan(1015);
      expect(cut).toMatch(/[x€𝄞]…$/u);
    }
  });
});
