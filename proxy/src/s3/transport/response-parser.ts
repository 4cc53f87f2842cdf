import { StoreError } from '../store-error.ts';
import { parseResponseHead, type ResponseHead, type StoreHeaders } from './response-head.ts';

/** What a parser reports, in this order: one head, any number of data, one end. */
export interface ResponseEvents {
  onHead(status: number, headers: StoreHeaders): void;
  /** The chunk is a view of the buffer that was fed. */
  onData(chunk: Buffer): void;
  onEnd(): void;
}

/** Longest response head, and longest trailer section, in bytes. */
const MAX_HEAD = 32 * 1024;
/** Longest chunk-size line in bytes, extensions included. */
const MAX_CHUNK_LINE = 256;

type State = 'idle' | 'head' | 'sized' | 'until-close' | 'chunk-line' | 'chunk' | 'chunk-end' | 'trailers';

/**
 * Reads HTTP/1.1 responses to GET and HEAD (RFC 9112) from bytes as they come, cut anywhere. Strict where leniency would let two
 * readers disagree on where a message ends (RFC 9112 §11): it throws StoreError of kind protocol, and the connection must be closed.
 */
export class ResponseParser {
  #state: State = 'idle';
  #isHead = false;
  #events: ResponseEvents | undefined;
  /** Bytes of the body, or of the current chunk, that are still to come. */
  #remaining = 0;
  /** The beginning of a head or line whose end has not come yet. */
  #partial: Buffer | undefined;
  #keepAlive = false;

  /** True when no response is due or under way. */
  get idle(): boolean {
    return this.#state === 'idle';
  }

  /** Whether another request may follow on the connection, once the response has ended. */
  get keepAlive(): boolean {
    return this.#keepAlive;
  }

  /** A request was sent: its response comes next. */
  expect(method: 'GET' | 'HEAD', events: ResponseEvents): void {
    this.#state = 'head';
    this.#isHead = method === 'HEAD';
    this.#events = events;
    this.#keepAlive = false;
  }

  /** Takes the next bytes. */
  feed(data: Buffer): void {
    let at = 0;
    while (at < data.length) at = this.#step(data, at);
  }

  /** The peer closed its side: true when that ends a response as it should. */
  finish(): boolean {
    if (this.#state !== 'until-close') return this.#state === 'idle';
    this.#end();
    return true;
  }

  #step(data: Buffer, at: number): number {
    switch (this.#state) {
      case 'idle':
        throw malformed('UnexpectedData');
      case 'head':
        return this.#readHead(data, at);
      case 'until-close':
        this.#events?.onData(at === 0 ? data : data.subarray(at));
        return data.length;
      case 'sized':
      case 'chunk':
        return this.#readBody(data, at);
      case 'chunk-line':
        return this.#readLine(data, at, MAX_CHUNK_LINE, (line) => this.#startChunk(line));
      case 'chunk-end':
        return this.#readLine(data, at, 2, (line) => {
          if (line !== '') throw malformed('BadChunk');
          this.#state = 'chunk-line';
        });
      case 'trailers':
        return this.#readLine(data, at, MAX_HEAD, (line) => {
          if (line === '') this.#end();
        });
    }
  }

  #readHead(data: Buffer, at: number): number {
    let bytes = at === 0 ? data : data.subarray(at);
    let before = 0;
    if (this.#partial) {
      before = this.#partial.length;
      bytes = Buffer.concat([this.#partial, bytes]);
    }
    const end = bytes.indexOf('\r\n\r\n');
    if (end > MAX_HEAD || (end === -1 && bytes.length > MAX_HEAD)) throw malformed('HeadTooLarge');
    if (end === -1) {
      this.#partial = Buffer.from(bytes);
      return data.length;
    }
    this.#partial = undefined;
    const head = parseResponseHead(bytes.toString('latin1', 0, end), this.#isHead);
    const next = at + end + 4 - before;
    if (head.status >= 200) this.#startBody(head, next < data.length);
    return next;
  }

  #startBody(head: ResponseHead, isFollowed: boolean): void {
    this.#keepAlive = head.keepAlive;
    const { framing } = head;
    if (isFollowed && framing.kind === 'sized' && framing.length === 0) throw malformed('ExcessData');
    this.#state = framing.kind === 'chunked' ? 'chunk-line' : framing.kind;
    this.#remaining = framing.kind === 'sized' ? framing.length : 0;
    this.#events?.onHead(head.status, head.headers);
    if (framing.kind === 'sized' && framing.length === 0) this.#end();
  }

  #readBody(data: Buffer, at: number): number {
    const end = Math.min(data.length, at + this.#remaining);
    this.#remaining -= end - at;
    // One request is under way at a time, so whatever follows its response is a sign that the length was wrong (RFC 9112 §6.3).
    if (this.#remaining === 0 && this.#state === 'sized' && end < data.length) throw malformed('ExcessData');
    this.#events?.onData(data.subarray(at, end));
    if (this.#remaining === 0) {
      if (this.#state === 'chunk') this.#state = 'chunk-end';
      else this.#end();
    }
    return end;
  }

  #startChunk(line: string): void {
    const size = /^([0-9a-fA-F]{1,12})[\t ]*(?:;.*)?$/.exec(line)?.[1];
    if (size === undefined) throw malformed('BadChunk');
    this.#remaining = Number.parseInt(size, 16);
    this.#state = this.#remaining === 0 ? 'trailers' : 'chunk';
  }

  #readLine(data: Buffer, at: number, limit: number, use: (line: string) => void): number {
    const newline = data.indexOf(0x0a, at);
    const end = newline === -1 ? data.length : newline + 1;
    const piece = data.subarray(at, end);
    const line = this.#partial ? Buffer.concat([this.#partial, piece]) : piece;
    if (line.length > limit) throw malformed('LineTooLong');
    if (newline === -1) {
      this.#partial = Buffer.from(line);
      return end;
    }
    this.#partial = undefined;
    if (line.at(-2) !== 0x0d) throw malformed('BareLineFeed');
    use(line.toString('latin1', 0, line.length - 2));
    return end;
  }

  #end(): void {
    const events = this.#events;
    this.#events = undefined;
    this.#state = 'idle';
    events?.onEnd();
  }
}

function malformed(code: string): StoreError {
  return new StoreError('protocol', code);
}
