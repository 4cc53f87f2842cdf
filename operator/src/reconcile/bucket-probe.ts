import { MANAGEMENT_PORT } from '@s3proxy/proxy/config';
import { type BucketReport, readinessReportSchema } from '@s3proxy/proxy/report';
import type { Dispatcher } from 'undici';

/** What one proxy pod says of its bucket; undefined when it could not be asked. */
export type BucketProbe = (podIP: string, signal: AbortSignal) => Promise<BucketReport | undefined>;

/** A proxy answers from memory, so a pod that needs longer than this (milliseconds) is as good as silent. */
const PROBE_TIMEOUT_MS = 2_000;

/** A report is a few hundred bytes; a longer answer is not one. */
const LARGEST_REPORT_BYTES = 16_384;

/**
 * Asks proxies for `GET /ready` on their management port. A pod answers 503 with the same body while its bucket is out of
 * reach, so the status code is not looked at. Never rejects: a pod that is starting, gone or unreachable gives undefined.
 */
export function createBucketProbe(dispatcher: Dispatcher): BucketProbe {
  return async (podIP, signal) => {
    const host = podIP.includes(':') ? `[${podIP}]` : podIP;
    try {
      const { body } = await dispatcher.request({
        origin: `http://${host}:${MANAGEMENT_PORT}`,
        path: '/ready',
        method: 'GET',
        signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]),
      });
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of body) {
        length += chunk.length;
        if (length > LARGEST_REPORT_BYTES) return undefined;
        chunks.push(chunk);
      }
      const report = readinessReportSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      return report.success ? report.data.bucket : undefined;
    } catch {
      return undefined;
    }
  };
}

const RANK = { False: 0, Unknown: 1, True: 2 } as const;

/**
 * One report for all pods: the worst of those that answered, so that one pod with stale credentials is not hidden by its
 * healthy siblings. Undefined when none answered.
 */
export function worstReport(reports: readonly (BucketReport | undefined)[]): BucketReport | undefined {
  return reports
    .filter((report) => report !== undefined)
    .toSorted((a, b) => RANK[a.reachable] - RANK[b.reachable])[0];
}
