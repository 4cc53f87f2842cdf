import type { ServerResponse } from 'node:http';
import type { Body } from './s3/body.ts';

/**
 * Sends a body whose Content-Length is announced already. If it breaks off for good, the connection is cut, so that the client
 * sees a failure and never a short body that looks whole.
 */
export function sendBody(response: ServerResponse, body: Body): void {
  const whole = body.takeWhole();
  if (whole !== undefined && whole.length <= 1) {
    response.end(whole[0], () => body.release());
    return;
  }
  const onFlushed = () => {
    if (body.paused && response.writableLength === 0) body.resume();
  };
  body.pipe({
    write(chunk) {
      // Uncorking hands the bytes to the kernel at once; what it does not take stays in use until flushed.
      response.cork();
      response.write(chunk, onFlushed);
      response.uncork();
      return response.writableLength === 0;
    },
    end() {
      response.end();
    },
    fail(error) {
      response.destroy(error);
    },
  });
}
