import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { saveFigures } from '../faults/figures.ts';
import { FRONTS, type Front, runFront } from './campaign.ts';

// A short run of what `make fuzz` does for long. The same requests every time.

const REQUESTS = 40_000;
/** Others run beside it, and want the processors too. */
const SECONDS = 8;

test.each(FRONTS.map((front): [string, Front] => [front.name, front]))(
  'hostile requests: %s',
  async (name, front) => {
    const directory = await mkdtemp(join(tmpdir(), 's3proxy-fuzz-'));
    try {
      const report = await runFront(front, {
        requests: REQUESTS,
        seconds: SECONDS,
        seed: 1,
        workers: 1,
        directory,
      });
      expect(report.faults).toEqual([]);
      expect(report.complaints).toEqual([]);
      expect(report.answered).toBeGreaterThan(0);
      const entries = Object.entries(report.statuses);
      const errors = entries.filter(([status]) => Number(status) >= 400);
      const failed = errors.reduce((sum, [, count]) => sum + count, 0);
      await saveFigures({
        name: `fuzzed: ${name}`,
        requests: report.answered,
        whole: report.answered - failed,
        aborted: 0,
        statuses: Object.fromEntries(errors),
        resumedBodies: 0,
        rssBefore: report.rssBefore,
        rssAfter: report.rssAfter,
        socketsBefore: report.socketsBefore,
        socketsAfter: report.socketsAfter,
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
);
