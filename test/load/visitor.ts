import { setTimeout as sleep } from 'node:timers/promises';
import type { ingressClient } from '../e2e/ingress-client.ts';

/** What a visitor saw at one visit. */
export interface Visit {
  /** Milliseconds since the first visit. */
  at: number;
  /** The status, `wrong bytes`, or what broke. */
  outcome: string;
}

export interface Visitor {
  /** So far, in order. */
  readonly visits: readonly Visit[];
  /** Lets the visit under way end. */
  stop(): Promise<readonly Visit[]>;
}

const PAUSE_MS = 100;
const TIMEOUT_MS = 15_000;

/**
 * Asks for one object again and again, each time on a new connection whose certificate is verified, and compares its bytes: what wrk
 * does not do.
 */
export function startVisitor(
  http: ReturnType<typeof ingressClient>,
  path: string,
  auth: string,
  sha256: string,
): Visitor {
  const visits: Visit[] = [];
  const begun = performance.now();
  let stopped = false;
  async function visit(): Promise<string> {
    const late = new AbortController();
    try {
      return await Promise.race([
        http
          .get({ path, auth })
          .then((answer) =>
            answer.status === 200 && answer.sha256 !== sha256 ? 'wrong bytes' : String(answer.status),
          ),
        sleep(TIMEOUT_MS, `no answer within ${TIMEOUT_MS} ms`, { signal: late.signal }),
      ]);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      late.abort();
    }
  }
  const going = (async () => {
    while (!stopped) {
      const at = Math.round(performance.now() - begun);
      visits.push({ at, outcome: await visit() });
      await sleep(PAUSE_MS);
    }
  })();
  return {
    visits,
    async stop() {
      stopped = true;
      await going;
      return visits;
    },
  };
}
