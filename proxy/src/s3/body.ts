/** Where a body's bytes go. */
export interface BodySink {
  /** Takes a chunk; false asks for a pause until `Body.resume()`. */
  write(chunk: Buffer): boolean;
  end(): void;
  fail(error: Error): void;
}

/** Where a body's bytes come from: an undici controller has this shape. */
export interface BodyFlow {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** Bytes kept for a reader that has not come yet before the store is asked to wait. */
const UNREAD_LIMIT = 128 * 1024;

/**
 * The bytes of one object on their way from store to reader, with backpressure. It is far lighter than a Node stream: a small object
 * is whole before its reader comes, and leaves in one write.
 */
export class Body {
  /** Bytes that came from the store so far. */
  received = 0;
  #unread: Buffer[] = [];
  #sink: BodySink | undefined;
  #flow: BodyFlow | undefined;
  #done = false;
  #error: Error | undefined;
  #mender: ((error: Error) => void) | undefined;
  #canceled = false;
  #paused = false;

  /** True while the reader wants no more for now. */
  get paused(): boolean {
    return this.#paused;
  }

  /** True once nobody wants the bytes any more. */
  get canceled(): boolean {
    return this.#canceled;
  }

  /** Producer: whom to tell when the bytes break off, instead of the reader: it goes on pushing, or calls `abandon`. */
  mendWith(mender: (error: Error) => void): void {
    this.#mender = mender;
  }

  /** Producer: bytes come from this flow from now on; a mended body changes flows. */
  connect(flow: BodyFlow): void {
    this.#flow = flow;
    if (this.#canceled) flow.abort(new Error('canceled'));
    else if (this.#paused) flow.pause();
  }

  /** Producer: the next bytes. */
  push(chunk: Buffer): void {
    if (this.#canceled) return;
    this.received += chunk.length;
    if (this.#sink) {
      if (!this.#sink.write(chunk)) this.#pause();
      return;
    }
    this.#unread.push(chunk);
    if (this.received > UNREAD_LIMIT) this.#pause();
  }

  /** Producer: no more bytes. */
  end(): void {
    this.#done = true;
    this.#flow = undefined;
    if (!this.#canceled) this.#sink?.end();
  }

  /** Producer: the bytes broke off. */
  fail(error: Error): void {
    this.#flow = undefined;
    if (this.#mender && !this.#canceled) this.#mender(error);
    else this.abandon(error);
  }

  /** Producer: the rest will never come. */
  abandon(error: Error): void {
    this.#done = true;
    this.#error = error;
    this.#flow = undefined;
    if (!this.#canceled) this.#sink?.fail(error);
  }

  /** Reader: the chunks of a body that is whole already, else undefined. May be asked once, instead of `pipe`. */
  takeWhole(): Buffer[] | undefined {
    return this.#done && this.#error === undefined ? this.#unread : undefined;
  }

  /** Reader: sends everything to the sink, what came before included. */
  pipe(sink: BodySink): void {
    this.#sink = sink;
    let wantsMore = true;
    for (const chunk of this.#unread) wantsMore = sink.write(chunk) && wantsMore;
    this.#unread = [];
    if (this.#error) sink.fail(this.#error);
    else if (this.#done) sink.end();
    else if (wantsMore) this.resume();
    else this.#pause();
  }

  /** Reader: the sink takes bytes again. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#flow?.resume();
  }

  /** Reader: no more bytes wanted. A body that is not complete costs its connection, the only way to stop HTTP/1.1. */
  cancel(): void {
    if (this.#canceled) return;
    this.#canceled = true;
    this.#unread = [];
    this.#flow?.abort(new Error('canceled'));
    this.#flow = undefined;
  }

  #pause(): void {
    if (this.#paused || this.#done) return;
    this.#paused = true;
    this.#flow?.pause();
  }
}
