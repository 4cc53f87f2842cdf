import { createHash, randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** One request as the store sees it. */
export interface SeenRequest {
  method: string;
  /** Key, decoded; what comes after the bucket's name. */
  key: string;
  headers: Readonly<Record<string, string | undefined>>;
}

/** What goes down the wire, byte for byte, and what becomes of the connection then. */
export interface Reply {
  bytes: Buffer;
  ending: 'keep' | 'close' | 'reset';
}

/** Answers a request; `honest` is what a store that works would send. */
export type Script = (request: SeenRequest, honest: Reply) => Reply;

/** The region where the bucket is, and where an error says so. */
export interface Elsewhere {
  region: string;
  where: 'header' | 'document';
}

/** An S3 server of a few lines, for the answers that a real one does not give on demand. */
export interface ScriptedStore {
  readonly port: number;
  readonly bucket: string;
  /** The proxy's environment for this bucket, with keys that do not matter. */
  readonly environment: Readonly<Record<string, string>>;
  /** What no answer of the proxy may hold. */
  readonly secrets: readonly string[];
  /** Bodies by key; the entity tag is the body's MD5, as S3 has it. */
  readonly objects: Map<string, Buffer>;
  /** Gives all requests from now on to a script; undefined is honest. */
  follow(script: Script | undefined): void;
  /** An error as S3 gives it, with everything in it that nobody outside should see. */
  refuse(request: SeenRequest, status: number, code: string, elsewhere?: Elsewhere): Reply;
  stop(): Promise<void>;
}

export async function startScriptedStore(): Promise<ScriptedStore> {
  const bucket = `bucket-${randomBytes(8).toString('hex')}`;
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  const hostId = randomBytes(24).toString('base64');
  const objects = new Map<string, Buffer>();
  const sockets = new Set<Socket>();
  let script: Script | undefined;

  function honest(request: SeenRequest): Reply {
    const body = objects.get(request.key);
    if (body === undefined) return refuse(request, 404, 'NoSuchKey');
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    const { range, 'if-match': ifMatch } = request.headers;
    if (ifMatch !== undefined && ifMatch !== etag) return refuse(request, 412, 'PreconditionFailed');
    const fields = {
      ETag: etag,
      'Last-Modified': 'Wed, 01 Jan 2025 00:00:00 GMT',
      'Content-Type': 'image/png',
    };
    const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
    if (!match) return respond(request, 200, fields, body);
    const first = Number(match[1]);
    const last = Math.min(Number(match[2] || body.length - 1), body.length - 1);
    if (first > last) return refuse(request, 416, 'InvalidRange');
    const contentRange = `bytes ${first}-${last}/${body.length}`;
    return respond(
      request,
      206,
      { ...fields, 'Content-Range': contentRange },
      body.subarray(first, last + 1),
    );
  }

  function refuse(request: SeenRequest, status: number, code: string, elsewhere?: Elsewhere): Reply {
    const fields: Record<string, string> = { 'Content-Type': 'application/xml' };
    const named = elsewhere?.where === 'document' ? `<Region>${elsewhere.region}</Region>` : '';
    if (elsewhere?.where === 'header') fields['x-amz-bucket-region'] = elsewhere.region;
    return respond(request, status, fields, errorDocument(code, named));
  }

  function errorDocument(code: string, more: string): Buffer {
    return Buffer.from(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code>${more}<Message>${bucket}</Message><BucketName>${bucket}</BucketName>` +
        `<RequestId>${requestId}</RequestId><HostId>${hostId}</HostId></Error>`,
    );
  }

  function respond(
    { method }: SeenRequest,
    status: number,
    fields: Record<string, string>,
    body: Buffer,
  ): Reply {
    const all = {
      'x-amz-request-id': requestId,
      'x-amz-id-2': hostId,
      Server: 'AmazonS3',
      'Content-Length': body.length,
      ...fields,
    };
    const bytes = Buffer.concat([head(status, all), method === 'HEAD' ? Buffer.alloc(0) : body]);
    return { bytes, ending: 'keep' };
  }

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    let unread = '';
    socket.on('data', (chunk) => {
      unread += chunk.toString('latin1');
      for (let end = unread.indexOf('\r\n\r\n'); end !== -1; end = unread.indexOf('\r\n\r\n')) {
        const request = parseRequest(unread.slice(0, end), bucket);
        unread = unread.slice(end + 4);
        const usual = honest(request);
        const { bytes, ending } = script === undefined ? usual : script(request, usual);
        socket.write(bytes, () => {
          if (ending === 'reset') socket.resetAndDestroy();
        });
        if (ending === 'close') socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    bucket,
    environment: {
      S3_BUCKET: bucket,
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
    secrets: [bucket, requestId, hostId, `127.0.0.1:${port}`, 'AmazonS3'],
    objects,
    follow(next) {
      script = next;
    },
    refuse,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A response head, its empty line included. */
export function head(status: number, fields: Readonly<Record<string, string | number>>): Buffer {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status} Any reason\r\n${lines.join('')}\r\n`, 'latin1');
}

/** Bytes of a reply's head, its empty line included. */
export function headLength({ bytes }: Reply): number {
  return bytes.indexOf('\r\n\r\n') + 4;
}

/** The same reply with its head changed: a field set, or taken away by undefined. */
export function withField(reply: Reply, name: string, value: string | undefined): Reply {
  const end = headLength(reply);
  const lines = reply.bytes.toString('latin1', 0, end - 4).split('\r\n');
  const others = lines.filter((line) => !line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  const changed = value === undefined ? others : [...others, `${name}: ${value}`];
  return {
    ...reply,
    bytes: Buffer.concat([
      Buffer.from(`${changed.join('\r\n')}\r\n\r\n`, 'latin1'),
      reply.bytes.subarray(end),
    ]),
  };
}

/** The first bytes of a reply alone. */
export function cutOff(reply: Reply, length: number, ending: Reply['ending']): Reply {
  return { bytes: reply.bytes.subarray(0, length), ending };
}

function parseRequest(text: string, bucket: string): SeenRequest {
  const [requestLine = '', ...fields] = text.split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const path = target.split('?', 1)[0] ?? '';
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }),
  );
  return { method, key: decodeURIComponent(path).slice(`/${bucket}/`.length), headers };
}
