/** Where a body's bytes go. */
export interface BodySink {
  /**
   * Takes a chunk. True: the bytes were used or copied before returning. False: they are still in use, and no more should come
   * until `Body.resume()`.
   */
  write(chunk: Buffer): boolean;
  end(): void;
  fail(error: Error): void;
}

/** Where a body's bytes come from. The bytes of a chunk are lent for the call only, unless they are kept. */
export interface BodyFlow {
  /** The bytes just pushed stay in use until `release`: where they are, if a sink has them already, or where the result is. */
  keep(chunk: Buffer): Buffer;
  release(): void;
  pause(): void;
  resume(): void;
  abort(): void;
}

/** Chunks up to this many bytes are copied rather than kept: cheaper than a slab. */
const COPY_LIMIT = 4096;

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
  /** The flow whose bytes are kept: it may be over by now. */
  #keeper: BodyFlow | undefined;
  #done = false;
  #error: Error | undefined;
  #mender: ((error: Error) => void) | undefined;
  /** Why the bytes broke off while the reader wanted none: mended when it wants more. */
  #broken: Error | undefined;
  #canceled = false;
  #paused = false;

  /** A body that is whole already. Its reader uses the bytes without copying them, and must not change them. */
  static whole(bytes: Buffer): Body {
    const body = new Body();
    if (bytes.length > 0) body.#unread.push(bytes);
    body.received = bytes.length;
    body.#done = true;
    return body;
  }

  /** True while the reader wants no more for now. */
  get paused(): boolean {
    return this.#paused;
  }

  /** True if the bytes may break off without the reader noticing. */
  get mendable(): boolean {
    return this.#mender !== undefined;
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
    if (this.#canceled) flow.abort();
    else if (this.#paused) flow.pause();
  }

  /** Producer: the next bytes. */
  push(chunk: Buffer): void {
    if (this.#canceled) return;
    this.received += chunk.length;
    if (this.#sink) {
      // Bytes may still come after a pause (TLS delivers what it has decrypted); these the reader gets as its own.
      if (this.#paused) this.#sink.write(Buffer.from(chunk));
      else if (!this.#sink.write(chunk)) this.#keepAndPause(chunk);
    } else if (chunk.length <= COPY_LIMIT || this.#unread.length > 0) {
      this.#unread.push(Buffer.from(chunk));
      if (this.#keeper) this.#pause();
    } else {
      // The reader comes before the next bytes do, so this needs no pause.
      this.#unread.push(this.#keep(chunk));
    }
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
    if (!this.#mender || this.#canceled) this.abandon(error);
    else if (this.#paused) this.#broken = error;
    else this.#mender(error);
  }

  /** Producer: the rest will never come. */
  abandon(error: Error): void {
    this.#done = true;
    this.#error = error;
    this.#flow = undefined;
    if (!this.#canceled) this.#sink?.fail(error);
  }

  /** Reader: the chunks of a body that is whole already, else undefined. Instead of `pipe`; call `release` when they are used up. */
  takeWhole(): Buffer[] | undefined {
    return this.#done && this.#error === undefined ? this.#unread : undefined;
  }

  /** Reader: sends everything to the sink, what came before included. */
  pipe(sink: BodySink): void {
    this.#sink = sink;
    const unread = this.#unread;
    this.#unread = [];
    let used = true;
    for (const chunk of unread) used = sink.write(chunk) && used;
    if (used) this.resume();
    else this.#pause();
    if (this.#error) sink.fail(this.#error);
    else if (this.#done) sink.end();
  }

  /** Reader: all bytes handed over so far are used up, and more may come. */
  resume(): void {
    this.release();
    if (!this.#paused) return;
    this.#paused = false;
    const broken = this.#broken;
    this.#broken = undefined;
    if (broken) this.#mender?.(broken);
    else this.#flow?.resume();
  }

  /** Reader: all bytes handed over so far are used up. */
  release(): void {
    this.#keeper?.release();
    this.#keeper = undefined;
  }

  /** Reader: no more bytes wanted. A body that is not complete costs its connection, the only way to stop HTTP/1.1. */
  cancel(): void {
    if (this.#canceled) return;
    this.#canceled = true;
    this.#unread = [];
    this.#flow?.abort();
    this.#flow = undefined;
  }

  #keepAndPause(chunk: Buffer): void {
    this.#keep(chunk);
    this.#pause();
  }

  #keep(chunk: Buffer): Buffer {
    this.#keeper = this.#flow;
    return this.#flow?.keep(chunk) ?? chunk;
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#flow?.pause();
  }
}
