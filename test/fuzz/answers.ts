/** One complete answer. */
export interface Answer {
  status: number;
  /** Head and body as they came, one character a byte. */
  text: string;
  /** Whether the connection ends with it. */
  isLast: boolean;
}

/** Bytes that are no answer, or do not end as they should. */
export class FramingError extends Error {}

const HEAD =
  /^HTTP\/1\.1 [1-5]\d\d [\x20-\x7e]*(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*)*$/;

/**
 * Takes answers apart (RFC 9112 §6.3), more strictly than any client does: what this takes has one meaning only.
 */
export class AnswerReader {
  #unread = '';
  #ended = false;

  push(chunk: Buffer): void {
    this.#unread += chunk.toString('latin1');
  }

  /** No more bytes will come. */
  end(): void {
    this.#ended = true;
  }

  /** Bytes that have not been read as an answer. */
  get unread(): string {
    return this.#unread;
  }

  /**
   * The next final answer; undefined while it is not complete. Interim ones are left out.
   * @param toHead whether it answers a HEAD request
   * @throws FramingError
   */
  next(toHead: boolean): Answer | undefined {
    const text = this.#unread;
    const headEnd = text.indexOf('\r\n\r\n');
    if (headEnd === -1) return undefined;
    const head = text.slice(0, headEnd);
    if (!HEAD.test(head)) throw new FramingError(`no response head: ${JSON.stringify(head.slice(0, 300))}`);
    const status = Number(head.slice(9, 12));
    const bodyStart = headEnd + 4;
    if (status < 200) {
      this.#unread = text.slice(bodyStart);
      return this.next(toHead);
    }
    const isLast = /\r\nconnection: close(?:\r\n|$)/i.test(head);
    const bodyEnd = this.#bodyEnd(head, bodyStart, isLast, toHead || status === 304 || status === 204);
    if (bodyEnd === undefined || text.length < bodyEnd) return undefined;
    this.#unread = text.slice(bodyEnd);
    return { status, text: text.slice(0, bodyEnd), isLast };
  }

  /** Where the body ends; undefined while that is not known. */
  #bodyEnd(head: string, start: number, isLast: boolean, isBodyless: boolean): number | undefined {
    const lengths = [...head.matchAll(/\r\ncontent-length: (.*)/gi)];
    const encodings = [...head.matchAll(/\r\ntransfer-encoding: (.*)/gi)];
    if (lengths.length + encodings.length > 1) throw new FramingError('more than one length');
    const length = lengths[0]?.[1];
    const encoding = encodings[0]?.[1];
    if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new FramingError(`a length of ${length}`);
    if (encoding !== undefined && encoding !== 'chunked')
      throw new FramingError(`an encoding of ${encoding}`);
    if (isBodyless) return start;
    if (length !== undefined) return start + Number(length);
    if (encoding !== undefined) return this.#chunksEnd(start);
    if (!isLast) throw new FramingError('no length, and the connection goes on');
    return this.#ended ? this.#unread.length : undefined;
  }

  #chunksEnd(start: number): number | undefined {
    const text = this.#unread;
    let at = start;
    for (;;) {
      const lineEnd = text.indexOf('\r\n', at);
      if (lineEnd === -1) return undefined;
      const size = /^[0-9a-f]{1,8}$/i.exec(text.slice(at, lineEnd))?.[0];
      if (size === undefined) throw new FramingError('a chunk without a size');
      const end = lineEnd + 2 + Number.parseInt(size, 16) + 2;
      if (text.length < end) return undefined;
      if (text.slice(end - 2, end) !== '\r\n') throw new FramingError('a chunk without an end');
      if (/^0+$/.test(size)) return end;
      at = end;
    }
  }
}
