import { Body, type BodyFlow } from '../s3/body.ts';
import { StoreError } from '../s3/store-error.ts';

/**
 * The bytes of an object on their way from the store into memory. Any number of readers follow, each at its own pace: they take from memory
 * what is there, so the store is never held up by one of them.
 */
export class Filling {
  readonly bytes: Buffer;
  #filled = 0;
  #error: Error | undefined;
  readonly #readers = new Set<Reader>();

  /** @param size of the whole object, in bytes */
  constructor(size: number) {
    // Not from Buffer's shared pool: there one small object that stays would keep its gone neighbours.
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** Bytes that are there, from the first. */
  get filled(): number {
    return this.#filled;
  }

  get error(): Error | undefined {
    return this.#error;
  }

  /** Takes everything that a body brings; then one of the two is called. */
  fill(body: Body, onWhole: () => void, onBroken: (error: Error) => void): void {
    const breakOff = (error: Error) => {
      this.#error = error;
      onBroken(error);
      this.#advance();
    };
    body.pipe({
      write: (chunk) => {
        if (this.#filled + chunk.length > this.bytes.length) {
          body.cancel();
          breakOff(new StoreError('protocol', 'TooLong'));
          return true;
        }
        chunk.copy(this.bytes, this.#filled);
        this.#filled += chunk.length;
        this.#advance();
        return true;
      },
      end: () => {
        if (this.#filled < this.bytes.length) {
          breakOff(new StoreError('protocol', 'TooShort'));
          return;
        }
        onWhole();
        this.#advance();
      },
      fail: breakOff,
    });
  }

  /** A body with the bytes from `start` up to `end`, without the latter, as they come. */
  read(start: number, end: number): Body {
    const reader = new Reader(this, start, end, () => this.#readers.delete(reader));
    this.#readers.add(reader);
    reader.advance();
    return reader.body;
  }

  #advance(): void {
    for (const reader of this.#readers) reader.advance();
  }
}

class Reader implements BodyFlow {
  readonly body = new Body();
  readonly #filling: Filling;
  readonly #end: number;
  readonly #onDone: () => void;
  #position: number;
  #paused = false;

  constructor(filling: Filling, start: number, end: number, onDone: () => void) {
    this.#filling = filling;
    this.#position = start;
    this.#end = end;
    this.#onDone = onDone;
    this.body.connect(this);
  }

  /** Hands over what has come. */
  advance(): void {
    if (this.#paused) return;
    const { bytes, filled, error } = this.#filling;
    const end = Math.min(filled, this.#end);
    if (this.#position < end) {
      const chunk = bytes.subarray(this.#position, end);
      this.#position = end;
      this.body.push(chunk);
    }
    if (this.#position >= this.#end) {
      this.#onDone();
      this.body.end();
    } else if (error) {
      this.#onDone();
      this.body.abandon(error);
    }
  }

  // The bytes stay where they are for as long as anybody refers to them.
  keep(chunk: Buffer): Buffer {
    return chunk;
  }
  release(): void {}

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.advance();
  }

  abort(): void {
    this.#onDone();
  }
}
