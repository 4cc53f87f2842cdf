import { createHash } from 'node:crypto';
import { request } from 'node:https';
import type { ingressClient } from '../e2e/ingress-client.ts';

/** A connection over which nothing comes for so long is broken, whatever TCP says. */
const SILENCE_MS = 30_000;

/**
 * Downloads an object at a bounded rate, as somebody on a slow line does.
 * @param bytesPerSecond at most, once what the buffers on the way hold has come
 * @returns SHA-256 of the body in hex; rejects when the status is not 200 or the connection breaks
 */
export function slowDownload(
  http: ReturnType<typeof ingressClient>,
  path: string,
  auth: string,
  bytesPerSecond: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(http.options({ path, auth }), (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
      const hash = createHash('sha256');
      const begun = performance.now();
      let received = 0;
      response.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        received += chunk.length;
        const early = (received / bytesPerSecond) * 1_000 - (performance.now() - begun);
        if (early < 50) return;
        response.pause();
        setTimeout(() => response.resume(), early);
      });
      response.once('error', reject);
      response.once('end', () => resolve(hash.digest('hex')));
    });
    // The reader's own pauses are much shorter.
    outgoing.setTimeout(SILENCE_MS, () => reject(new Error(`${path}: silence for ${SILENCE_MS / 1_000} s`)));
    outgoing.once('error', reject);
    outgoing.end();
  });
}
