import type { Body } from './body.ts';
import { StoreError } from './store-error.ts';

/**
 * Reads a whole body as UTF-8.
 * @param limit bytes; a longer body is given up
 * @throws StoreError
 */
export function readText(body: Body, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    body.pipe({
      write(chunk) {
        length += chunk.length;
        chunks.push(Buffer.from(chunk));
        if (length > limit) {
          body.cancel();
          reject(new StoreError('protocol', 'TooLong'));
        }
        return true;
      },
      end: () => resolve(Buffer.concat(chunks).toString('utf8')),
      fail: reject,
    });
  });
}
