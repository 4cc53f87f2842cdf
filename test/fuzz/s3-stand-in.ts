import { createHash, randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Site } from './site.ts';

/**
 * Takes the place of S3 where a real server would be too slow. It takes a request as S3 does: subresources in the query, an empty key is the bucket. And it
 * says what no request should have been.
 */
export interface S3StandIn {
  readonly port: number;
  /** What its answers hold that must not get out. */
  readonly secrets: readonly string[];
  /** Requests that it should never have got, a few of each kind. */
  readonly complaints: readonly string[];
  stop(): Promise<void>;
}

/** Headers that the proxy sends. A client's own must not get here. */
const KNOWN_HEADERS = new Set([
  ...[
    'host',
    'authorization',
    'x-amz-date',
    'x-amz-content-sha256',
    'range',
    'if-match',
    'if-none-match',
    'traceparent',
    'tracestate',
  ],
]);

const MOST_COMPLAINTS = 20;

export async function startS3StandIn({ bucket, prefix, objects }: Site): Promise<S3StandIn> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  const hostId = randomBytes(24).toString('base64');
  const own = `x-amz-request-id: ${requestId}\r\nx-amz-id-2: ${hostId}\r\nServer: AmazonS3\r\n`;
  const complaints: string[] = [];
  const sockets = new Set<Socket>();

  const respond = (status: number, fields: string, body: Buffer, isHead: boolean): Buffer => {
    const head = Buffer.from(
      `HTTP/1.1 ${status} X\r\n${own}${fields}Content-Length: ${body.length}\r\n\r\n`,
      'latin1',
    );
    return isHead ? head : Buffer.concat([head, body]);
  };
  const refuse = (status: number, code: string, isHead: boolean): Buffer =>
    respond(
      status,
      'Content-Type: application/xml\r\n',
      Buffer.from(
        `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>of ${bucket}</Message><BucketName>${bucket}</BucketName><RequestId>${requestId}</RequestId><HostId>${hostId}</HostId></Error>`,
      ),
      isHead,
    );
  const missing = { GET: refuse(404, 'NoSuchKey', false), HEAD: refuse(404, 'NoSuchKey', true) };

  function list(parameters: URLSearchParams): Buffer {
    const wanted = parameters.get('prefix') ?? '';
    const delimiter = parameters.get('delimiter') ?? '';
    const keys = [...objects.keys()].filter((key) => key.startsWith(wanted));
    // What follows the delimiter is summed up, so the whole key is no entry then.
    const end = (key: string) => (delimiter === '' ? -1 : key.indexOf(delimiter, wanted.length));
    const folders = new Set(keys.filter((key) => end(key) !== -1).map((key) => key.slice(0, end(key) + 1)));
    const entries = [
      ...[...folders].map(
        (folder) => `<CommonPrefixes><Prefix>${encodeURIComponent(folder)}</Prefix></CommonPrefixes>`,
      ),
      ...keys
        .filter((key) => end(key) === -1)
        .map(
          (key) =>
            `<Contents><Key>${encodeURIComponent(key)}</Key><Size>1</Size><LastModified>2025-01-01T00:00:00.000Z</LastModified></Contents>`,
        ),
    ];
    const xml = `<ListBucketResult><Name>${bucket}</Name><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${entries.join('')}</ListBucketResult>`;
    return respond(200, 'Content-Type: application/xml\r\n', Buffer.from(xml), false);
  }

  function complain(what: string, request: string): void {
    if (complaints.length < MOST_COMPLAINTS)
      complaints.push(`${what}: ${JSON.stringify(request.slice(0, 1_000))}`);
  }

  function answer(request: string): Buffer {
    const [requestLine = '', ...lines] = request.split('\r\n');
    const [method = '', target = '', version] = requestLine.split(' ');
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(': ');
      const name = line.slice(0, colon).toLowerCase();
      if (!KNOWN_HEADERS.has(name) || headers.has(name)) complain('a header that nobody signed', request);
      headers.set(name, line.slice(colon + 2));
    }
    const isHead = method === 'HEAD';
    if (version !== 'HTTP/1.1' || (!isHead && method !== 'GET')) complain('not a GET or HEAD', request);
    const question = target.indexOf('?');
    const path = question === -1 ? target : target.slice(0, question);
    if (path !== `/${bucket}` && !path.startsWith(`/${bucket}/`)) {
      complain('another bucket', request);
      return refuse(404, 'NoSuchBucket', isHead);
    }
    const key = decodeURIComponent(path.slice(bucket.length + 2));
    if (question !== -1 || key === '') return answerBucket(request, key, target.slice(question + 1), isHead);
    if (!key.startsWith(prefix)) complain('outside of the prefix', request);
    const body = objects.get(key);
    if (body === undefined) return isHead ? missing.HEAD : missing.GET;
    return answerObject(body, headers, isHead);
  }

  function answerBucket(request: string, key: string, query: string, isHead: boolean): Buffer {
    const parameters = new URLSearchParams(query);
    const wanted = parameters.get('prefix') ?? '';
    if (key !== '' || parameters.get('list-type') !== '2' || !wanted.startsWith(prefix))
      complain('a query that S3 understands', request);
    return isHead ? respond(200, '', Buffer.alloc(0), true) : list(parameters);
  }

  function answerObject(body: Buffer, headers: ReadonlyMap<string, string>, isHead: boolean): Buffer {
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    const fields = `ETag: ${etag}\r\nLast-Modified: Wed, 01 Jan 2025 00:00:00 GMT\r\nContent-Type: text/plain\r\nx-amz-version-id: v\r\nx-amz-meta-secret: ${hostId}\r\n`;
    const ifMatch = headers.get('if-match');
    if (ifMatch !== undefined && ifMatch !== etag) return refuse(412, 'PreconditionFailed', isHead);
    if (headers.get('if-none-match') === etag) return respond(304, fields, Buffer.alloc(0), true);
    const range = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(headers.get('range') ?? '');
    if (!range) return respond(200, fields, body, isHead);
    const first = range[3] === undefined ? Number(range[1]) : Math.max(0, body.length - Number(range[3]));
    const last = Math.min(Number(range[2] || Number.POSITIVE_INFINITY), body.length - 1);
    if (first > last) return refuse(416, 'InvalidRange', isHead);
    const contentRange = `Content-Range: bytes ${first}-${last}/${body.length}\r\n`;
    return respond(206, fields + contentRange, body.subarray(first, last + 1), isHead);
  }

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    let unread = '';
    socket.on('data', (chunk: Buffer) => {
      unread += chunk.toString('latin1');
      for (let end = unread.indexOf('\r\n\r\n'); end !== -1; end = unread.indexOf('\r\n\r\n')) {
        const request = unread.slice(0, end);
        unread = unread.slice(end + 4);
        socket.write(answer(request));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    secrets: [requestId, hostId, `127.0.0.1:${port}`, 'AmazonS3'],
    complaints,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
