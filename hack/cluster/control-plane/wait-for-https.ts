import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CertificateFiles } from './certificates.ts';

/**
 * Waits until a URL answers 200.
 * @throws Error with the last answer, after `timeoutMs`.
 */
export async function waitForHttps(
  url: string,
  tls: { ca: string; client: CertificateFiles },
  timeoutMs: number,
): Promise<void> {
  const [ca, cert, key] = await Promise.all(
    [tls.ca, tls.client.cert, tls.client.key].map((file) => readFile(file)),
  );
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await new Promise<string>((resolve) => {
      const options = { ca, cert, key, agent: false, timeout: 2_000 };
      const outgoing = request(url, options as object, (response) => {
        response.resume();
        response.once('end', () => resolve(String(response.statusCode)));
        response.once('error', () => resolve('a broken answer'));
      });
      outgoing.once('timeout', () => outgoing.destroy(new Error('no answer within 2 s')));
      outgoing.once('error', (error) => resolve(error.message));
      outgoing.end();
    });
    if (answer === '200') return;
    if (performance.now() > deadline)
      throw new Error(`${url} was not ready within ${timeoutMs / 1000} s: ${answer}`);
    await sleep(100);
  }
}
