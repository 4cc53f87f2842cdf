import { describe, expect, it } from 'vitest';
import { createRuntimeMetrics } from './metrics.ts';
import { createQueue } from './queue.ts';
import { manualClock, settle } from './testing/manual-clock.ts';

function setUp() {
  const clock = manualClock();
  const metrics = createRuntimeMetrics();
  const queue = createQueue({
    name: 'q',
    clock,
    random: () => 0,
    metrics,
    baseDelayMs: 100,
    maxDelayMs: 1000,
  });
  return { clock, metrics, queue };
}

describe('the queue', () => {
  it('holds a key once, first in first out', async () => {
    const { queue } = setUp();
    for (const key of ['a', 'b', 'a']) queue.add(key);
    expect(queue.depth).toBe(2);
    expect([await queue.take(), await queue.take()]).toEqual(['a', 'b']);
  });

  it('never gives out a key that is being worked on; one added meanwhile comes after', async () => {
    const { queue } = setUp();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    const second = queue.take();
    let taken = false;
    void second.then(() => {
      taken = true;
    });
    await settle();
    expect(taken).toBe(false);
    queue.done('a');
    expect(await second).toBe('a');
    queue.done('a');
    expect(queue.depth).toBe(0);
  });

  it('takes normal keys before low ones and lifts a low one that is wanted sooner', async () => {
    const { queue } = setUp();
    queue.add('old1', 'low');
    queue.add('old2', 'low');
    queue.add('new');
    queue.add('old2');
    queue.add('new', 'low');
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['new', 'old2', 'old1']);
    expect(queue.depth).toBe(0);
  });

  it('hands a key to a waiting worker at once', async () => {
    const { queue } = setUp();
    const waiting = [queue.take(), queue.take()];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all(waiting)).toEqual(['a', 'b']);
  });

  it('adds later, the last word counting', async () => {
    const { queue, clock } = setUp();
    queue.addAfter('a', 50);
    queue.addAfter('a', 200);
    await clock.advance(199);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(queue.depth).toBe(1);
  });

  it('backs off for each key, forgets on request and honours a longer wait asked for', () => {
    const { queue } = setUp();
    expect([1, 2, 3, 4, 5, 6].map(() => queue.retry('a'))).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(queue.retry('b')).toBe(100);
    queue.forget('a');
    expect(queue.retry('a', 700)).toBe(700);
  });

  it('stops: waiting workers leave, nothing more comes, timers are gone', async () => {
    const { queue, clock } = setUp();
    const waiting = queue.take();
    queue.addAfter('a', 50);
    queue.stop();
    expect(await waiting).toBeUndefined();
    queue.add('b');
    expect(await queue.take()).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it('counts under the names of workqueue', async () => {
    const { queue, clock, metrics } = setUp();
    queue.add('a');
    queue.add('b');
    await clock.advance(2000);
    await queue.take();
    await clock.advance(3000);
    queue.retry('c');
    const text = await metrics.registry.metrics();
    expect(text).toContain('workqueue_depth{name="q"} 1');
    expect(text).toContain('workqueue_adds_total{name="q"} 2');
    expect(text).toContain('workqueue_retries_total{name="q"} 1');
    expect(text).toContain('workqueue_queue_duration_seconds_sum{name="q"} 2');
    expect(text).toContain('workqueue_unfinished_work_seconds{name="q"} 3');
    expect(text).toContain('workqueue_longest_running_processor_seconds{name="q"} 3');
    queue.done('a');
    expect(await metrics.registry.metrics()).toContain('workqueue_work_duration_seconds_sum{name="q"} 3');
  });
});
