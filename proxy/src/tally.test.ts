import fc from 'fast-check';
import { AggregatorRegistry, Counter, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { TalliedCounter, TalliedHistogram } from './tally.ts';

const buckets = [0.1, 1, 10];
const options = { name: 'm', help: 'A metric.', labelNames: ['method'] as const };

const method = fc.constantFrom('GET', 'HEAD');
const value = fc.oneof(fc.constantFrom(0, 0.1, 1, 10, 11), fc.double({ min: 0, max: 100, noNaN: true }));

test("a histogram says what prom-client's own says", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(method, value)), async (observations) => {
      const [own, reference] = [new Registry(), new Registry()];
      const histogram = new TalliedHistogram({ ...options, buckets, registers: [own] });
      const expected = new Histogram({ ...options, buckets, registers: [reference] });
      const distributions = {
        GET: histogram.distribution({ method: 'GET' }),
        HEAD: histogram.distribution({ method: 'HEAD' }),
      };
      for (const [label, observed] of observations) {
        distributions[label as 'GET' | 'HEAD'].observe(observed);
        expected.observe({ method: label }, observed);
      }
      const lines = async (registry: Registry) => new Set((await registry.metrics()).split('\n'));
      expect(await lines(own)).toEqual(await lines(reference));
    }),
  );
});

test("a counter says what prom-client's own says, however often it is asked", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(method, fc.nat()), { minLength: 1 }), async (increments) => {
      const [own, reference] = [new Registry(), new Registry()];
      const counter = new TalliedCounter({ ...options, registers: [own] });
      const expected = new Counter({ ...options, registers: [reference] });
      const tallies = { GET: counter.tally({ method: 'GET' }), HEAD: counter.tally({ method: 'HEAD' }) };
      for (const [label, amount] of increments) {
        tallies[label as 'GET' | 'HEAD'].add(amount + 1);
        expected.inc({ method: label }, amount + 1);
        expect(new Set((await own.metrics()).split('\n'))).toEqual(
          new Set((await reference.metrics()).split('\n')),
        );
      }
    }),
  );
});

test('several processes are added up', async () => {
  const registries = [new Registry(), new Registry()];
  for (const registry of registries) {
    const histogram = new TalliedHistogram({ ...options, buckets, registers: [registry] });
    histogram.distribution({ method: 'GET' }).observe(0.5);
  }
  const all = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()));
  const text = await AggregatorRegistry.aggregate(all).metrics();
  expect(text).toContain('m_bucket{le="1",method="GET"} 2');
  expect(text).toContain('m_sum{method="GET"} 1');
  expect(text).toContain('m_count{method="GET"} 2');
});
