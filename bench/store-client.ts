import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary } from '../hack/cluster/binaries/binary.ts';
import { command } from '../hack/cluster/command.ts';
import { median } from './race/statistics.ts';
import { startStore } from './race/store.ts';
import { READERS } from './store-client/readers.ts';

// npm run bench:store-client: what reading from the store costs by the SDK, by undici and by the proxy's own connection, in turn, on one
// S3 server on loopback. Prints a table; docs/adr/0005 quotes it.

const ROUNDS = 5;
const CASES = [
  { bytes: 1_024, reads: 6_000, atOnce: 32 },
  { bytes: 102_400, reads: 3_000, atOnce: 32 },
  { bytes: 67_108_864, reads: 10, atOnce: 4 },
];

interface Figures {
  seconds: number;
  cpuSeconds: number;
  peakRssBytes: number;
}

const directory = await mkdtemp(join(tmpdir(), 's3proxy-store-client-'));
const logs = join(directory, 'logs');
await mkdir(logs);
try {
  const store = await startStore(
    await binary('versitygw'),
    CASES.map(({ bytes }) => bytes),
    { directory, logs, processors: '0,1' },
  );
  try {
    console.log('object bytes | reader | reads/s | CPU ms/read | peak RSS MB');
    for (const { bytes, reads, atOnce } of CASES) {
      const key = store.objects.find((object) => object.bytes === bytes)?.key ?? '';
      const all = new Map<string, Figures[]>(Object.keys(READERS).map((name) => [name, []]));
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const [name, figures] of all) {
          const args = [name, key, bytes, reads, atOnce].map(String);
          const program = join(import.meta.dirname, 'store-client', 'measure.ts');
          const env = { ...process.env, ...store.environment };
          figures.push(JSON.parse(await command(process.execPath, [program, ...args], { env })) as Figures);
        }
      }
      for (const [name, figures] of all) {
        const middle = (of: (figure: Figures) => number): number => median(figures.map(of));
        const rate = reads / middle(({ seconds }) => seconds);
        const cpu = (middle(({ cpuSeconds }) => cpuSeconds) * 1_000) / reads;
        const rss = middle(({ peakRssBytes }) => peakRssBytes) / 1e6;
        console.log(`${bytes} | ${name} | ${rate.toFixed(0)} | ${cpu.toFixed(3)} | ${rss.toFixed(0)}`);
      }
    }
  } finally {
    await store.running.stop();
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
