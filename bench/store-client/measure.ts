import type { StoreEnvironment } from '../race/store.ts';
import { READERS } from './readers.ts';

// node bench/store-client/measure.ts READER KEY BYTES READS AT-ONCE: reads an object so many times and prints, as JSON, what it took.
// One process for each reader, so that the memory of one is not counted for another.

/** Readers warm up with this share of the reads before they are measured. */
const WARM_UP = 0.2;

const [name = '', key = '', bytes, reads, atOnce] = process.argv.slice(2);
const read = READERS[name]?.(process.env as StoreEnvironment);
if (read === undefined) throw new Error(`there is no reader ${name}`);

await readMany(Math.ceil(Number(reads) * WARM_UP));
const before = process.cpuUsage();
const start = performance.now();
await readMany(Number(reads));
const seconds = (performance.now() - start) / 1_000;
const { user, system } = process.cpuUsage(before);
const figures = {
  seconds,
  cpuSeconds: (user + system) / 1e6,
  peakRssBytes: process.resourceUsage().maxRSS * 1_024,
};
process.stdout.write(JSON.stringify(figures));
process.exit();

async function readMany(count: number): Promise<void> {
  let left = count;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const got = await read?.(key);
      if (got !== Number(bytes)) throw new Error(`${name} read ${got} bytes of ${bytes}`);
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, one));
}
