/** One part of a multipart/byteranges body. */
export interface BodyPart {
  headers: Map<string, string>;
  bytes: Buffer;
}

/**
 * Takes a multipart/byteranges body apart (RFC 9110 §14.6, RFC 2046 §5.1.1).
 * @throws Error when it is not made as it should be
 */
export function readByteRanges(contentType: string, body: Buffer): BodyPart[] {
  const boundary = /^multipart\/byteranges; boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})$/.exec(contentType)?.[1];
  if (boundary === undefined) throw new Error(`no boundary in ${contentType}`);
  // The delimiter's line break belongs to the delimiter; the first one may lack it.
  const pieces = split(Buffer.concat([Buffer.from('\r\n'), body]), Buffer.from(`\r\n--${boundary}`));
  const closing = pieces.pop();
  if (closing?.toString() !== '--\r\n') throw new Error('no closing delimiter at the end');
  const preamble = pieces.shift()?.toString();
  if (preamble !== '' && preamble !== '\r\n') throw new Error(`bytes before the first part: ${preamble}`);
  return pieces.map(readPart);
}

function readPart(piece: Buffer): BodyPart {
  const end = piece.indexOf('\r\n\r\n');
  if (end === -1 || piece.toString('latin1', 0, 2) !== '\r\n') throw new Error('a part without a head');
  const lines = piece.toString('latin1', 2, end).split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { headers, bytes: piece.subarray(end + 4) };
}

function split(bytes: Buffer, separator: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = bytes.indexOf(separator); at !== -1; at = bytes.indexOf(separator, start)) {
    pieces.push(bytes.subarray(start, at));
    start = at + separator.length;
  }
  return [...pieces, bytes.subarray(start)];
}
