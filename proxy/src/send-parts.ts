import { randomBytes } from 'node:crypto';
import type { Candidate } from './content/variants.ts';
import { addAbsent } from './http/field-lines.ts';
import { objectHeaders } from './http/object-headers.ts';
import type { ByteRange } from './http/range.ts';
import type { RequestContext } from './request-context.ts';
import type { StoredObject } from './s3/object-source.ts';
import { StoreError } from './s3/store-error.ts';
import { pipeBody } from './send-body.ts';
import type { Site } from './serve-object.ts';

export interface Parts {
  /** Metadata of the whole object. */
  head: StoredObject;
  /** Two or more ranges, apart from each other. */
  parts: readonly ByteRange[];
  /** Strong entity tag that every part must have. */
  ifMatch: string;
}

/**
 * Sends several ranges as multipart/byteranges (RFC 9110 §14.6). The parts are read one after the other, each pinned to the same version:
 * if the object changes meanwhile, the connection is cut.
 */
export async function sendParts(
  context: RequestContext,
  { source, policy }: Site,
  candidate: Candidate,
  { head, parts, ifMatch }: Parts,
): Promise<void> {
  const { response, path, extraHeaders, operation, record } = context;
  const boundary = randomBytes(16).toString('hex');
  const headers = objectHeaders(head, path, candidate.variant, policy);
  const typeAt = headers.indexOf('Content-Type');
  const [, partType = ''] = headers.splice(typeAt, 2);
  const preambles = parts.map(
    ({ first, last }) =>
      `\r\n--${boundary}\r\nContent-Type: ${partType}\r\nContent-Range: bytes ${first}-${last}/${head.size}\r\n\r\n`,
  );
  const closing = `\r\n--${boundary}--\r\n`;
  const length =
    closing.length +
    preambles.reduce((sum, preamble) => sum + Buffer.byteLength(preamble, 'latin1'), 0) +
    parts.reduce((sum, { first, last }) => sum + last - first + 1, 0);

  // The first part is opened before the status is sent, while an error can still be told as one.
  const open = async (range: ByteRange | undefined) => {
    const object = await source.open({ key: candidate.key, method: 'GET', range, ifMatch }, operation);
    if (object.range) return object;
    object.body.cancel();
    throw new StoreError('protocol', 'RangeIgnored');
  };
  let object = await open(parts[0]);
  headers.push(
    'Content-Type',
    `multipart/byteranges; boundary=${boundary}`,
    'Content-Length',
    String(length),
  );
  addAbsent(headers, extraHeaders);
  response.writeHead(206, headers);
  record.headAt = performance.now();
  for (const [index, part] of parts.entries()) {
    if (index > 0) object = await open(part);
    response.write(preambles[index] ?? '', 'latin1');
    await pipeBody(response, object.body);
  }
  response.end(closing, 'latin1');
}
