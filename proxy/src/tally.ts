import { Counter, type Histogram, type MetricValueWithName, type Registry } from 'prom-client';

// prom-client hashes the labels of every increment and observation, which costs more than all else that the proxy itself does for an answer from
// memory. So what happens on every request is counted in plain numbers, and prom-client learns of it when it is asked.

interface TallyOptions<Label extends string> {
  name: string;
  help: string;
  labelNames: readonly Label[];
  registers: Registry[];
}

interface Buckets {
  /** Upper bounds, ascending. */
  buckets: readonly number[];
}

type Labels<Label extends string> = Readonly<Record<Label, string | number>>;

/** What one set of labels has been counted to since the metrics were last asked for. */
export class Tally {
  pending = 0;

  add(amount = 1): void {
    this.pending += amount;
  }
}

/** A counter whose increments cost nothing. Whoever counts keeps its `Tally`. */
export class TalliedCounter<Label extends string> {
  readonly #tallies: { labels: Labels<Label>; tally: Tally }[] = [];

  constructor(options: TallyOptions<Label>) {
    const tallies = this.#tallies;
    new Counter<Label>({
      ...options,
      collect() {
        for (const { labels, tally } of tallies) {
          if (tally.pending > 0) this.inc({ ...labels }, tally.pending);
          tally.pending = 0;
        }
      },
    });
  }

  /** To be asked for once for each set of labels. */
  tally(labels: Labels<Label>): Tally {
    const tally = new Tally();
    this.#tallies.push({ labels, tally });
    return tally;
  }
}

/** What one set of labels has been observed with: how many values in each bucket (the last is for those above all bounds), and their sum. */
export class Distribution {
  readonly counts: Float64Array;
  readonly #bounds: readonly number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

/** A histogram whose observations cost nothing. Whoever observes keeps its `Distribution`. */
export class TalliedHistogram<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly #bounds: readonly number[];
  readonly #distributions: { labels: Labels<Label>; distribution: Distribution }[] = [];

  constructor({ name, help, labelNames, buckets, registers }: TallyOptions<Label> & Buckets) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.#bounds = buckets;
    // A registry needs no more of a metric than is here; its declaration names only prom-client's own classes.
    for (const registry of registers) registry.registerMetric(this as unknown as Histogram<Label>);
  }

  /** To be asked for once for each set of labels. */
  distribution(labels: Labels<Label>): Distribution {
    const distribution = new Distribution(this.#bounds);
    this.#distributions.push({ labels, distribution });
    return distribution;
  }

  /** The values in prom-client's form; labels without any observation are left out. */
  async get() {
    const { name, help, type, aggregator } = this;
    const values: MetricValueWithName<string>[] = [];
    for (const { labels, distribution } of this.#distributions) {
      let count = 0;
      const buckets = this.#bounds.map((le, bucket) => {
        count += distribution.counts[bucket] ?? 0;
        return { labels: { le, ...labels }, value: count, metricName: `${name}_bucket` };
      });
      count += distribution.counts.at(-1) ?? 0;
      if (count === 0) continue;
      values.push(
        ...buckets,
        { labels: { le: '+Inf', ...labels }, value: count, metricName: `${name}_bucket` },
        { labels: { ...labels }, value: distribution.sum, metricName: `${name}_sum` },
        { labels: { ...labels }, value: count, metricName: `${name}_count` },
      );
    }
    return { name, help, type, aggregator, values };
  }
}
