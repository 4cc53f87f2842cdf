const NEWLINE = 0x0a;

/** Longest line taken. etcd's own limit for an object is 1.5 MiB, so anything near this is not a watch. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Splits a byte stream into lines and parses each as JSON. Lines may span chunks; splitting on bytes is safe since no UTF-8
 * sequence contains 0x0a. Blank lines are skipped. An unfinished last line is dropped: the connection broke inside it.
 * @throws SyntaxError for a line that is not JSON; RangeError for a line over 64 MiB.
 */
export async function* jsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown, void, undefined> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line =
        pendingBytes === 0
          ? chunk.toString('utf8', start, end)
          : Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8');
      start = end + 1;
      pending = [];
      pendingBytes = 0;
      if (line.length > 0 && line.trim() !== '') yield JSON.parse(line);
    }
    if (start < chunk.length) {
      pending.push(start === 0 ? chunk : chunk.subarray(start));
      pendingBytes += chunk.length - start;
      if (pendingBytes > MAX_LINE_BYTES) throw new RangeError('a line of the stream is longer than 64 MiB');
    }
  }
}
