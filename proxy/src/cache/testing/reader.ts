import type { Body } from '../../s3/body.ts';

/** Reads a body as a client would, at the pace of the test. */
export class Reader {
  readonly #chunks: Buffer[] = [];
  readonly #body: Body;
  #isSlow: boolean;
  state: 'reading' | 'whole' | Error = 'reading';

  /** @param isSlow takes one chunk, then nothing until `resume` */
  constructor(body: Body, isSlow = false) {
    this.#body = body;
    this.#isSlow = isSlow;
    body.pipe({
      write: (chunk) => {
        this.#chunks.push(Buffer.from(chunk));
        return !this.#isSlow;
      },
      end: () => {
        this.state = 'whole';
      },
      fail: (error) => {
        this.state = error;
      },
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Takes everything from now on. */
  resume(): void {
    this.#isSlow = false;
    this.#body.resume();
  }
}
