import { createHmac, hash } from 'node:crypto';

/** Keys that sign requests; `expiration` in milliseconds since the epoch when they are temporary. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  expiration?: number | undefined;
}

/** A bodyless request as SigV4 sees it. Path and query are already encoded; every extra header must be lower case. */
export interface UnsignedRequest {
  method: 'GET' | 'HEAD';
  host: string;
  path: string;
  query: string;
  extraHeaders: readonly (readonly [name: string, value: string])[];
}

const EMPTY_BODY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Signed requests that are remembered within a second, about 1 KB each. */
const MAX_SIGNED = 512;

/**
 * Signs requests for one region with AWS Signature Version 4 in its S3 form: path encoded once and never normalised, payload hash
 * sent as a header. The derived key is kept for as long as day and credentials stay the same, which leaves one hash and one
 * HMAC for a request; times are whole seconds, so one that is repeated within a second needs neither. Checked against @smithy/signature-v4 in the unit tests; ADR 5 says why it is our own.
 */
export class Signer {
  readonly #region: string;
  #credentials: Credentials | undefined;
  #day = '';
  #key: Buffer = Buffer.alloc(0);
  #second = 0;
  #timestamp = '';
  /** What was signed in this second: the same request again is signed the same. */
  readonly #signed = new Map<string, readonly string[]>();

  constructor(region: string) {
    this.#region = region;
  }

  /**
   * Headers to send, as alternating names and values, `host` and `authorization` included.
   * @param now milliseconds since the epoch
   */
  sign(request: UnsignedRequest, credentials: Credentials, now: number): string[] {
    const timestamp = this.#timestampOf(now);
    const key = this.#keyFor(credentials, timestamp.slice(0, 8));
    const name = `${request.method} ${request.host} ${request.path}?${request.query} ${request.extraHeaders.join()}`;
    const known = this.#signed.get(name);
    if (known !== undefined) return [...known];
    const headers = this.#compute(request, credentials, timestamp, key);
    if (this.#signed.size < MAX_SIGNED) this.#signed.set(name, headers);
    return [...headers];
  }

  #compute(
    request: UnsignedRequest,
    credentials: Credentials,
    timestamp: string,
    key: Buffer,
  ): readonly string[] {
    const signed: (readonly [string, string])[] = [
      ['host', request.host],
      ['x-amz-content-sha256', EMPTY_BODY_SHA256],
      ['x-amz-date', timestamp],
      ...request.extraHeaders,
    ];
    if (credentials.sessionToken !== undefined)
      signed.push(['x-amz-security-token', credentials.sessionToken]);
    if (request.extraHeaders.length > 0) signed.sort(([a], [b]) => (a < b ? -1 : 1));

    let canonicalHeaders = '';
    let names = '';
    const headers: string[] = [];
    for (const [name, value] of signed) {
      canonicalHeaders += `${name}:${value}\n`;
      names += names === '' ? name : `;${name}`;
      headers.push(name, value);
    }
    const canonical = `${request.method}\n${request.path}\n${request.query}\n${canonicalHeaders}\n${names}\n${EMPTY_BODY_SHA256}`;
    const scope = `${this.#day}/${this.#region}/s3/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hash('sha256', canonical, 'hex')}`;
    const signature = createHmac('sha256', key).update(text).digest('hex');
    headers.push(
      'authorization',
      `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    );
    return headers;
  }

  #timestampOf(now: number): string {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#signed.clear();
      this.#timestamp = `${new Date(second * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
    }
    return this.#timestamp;
  }

  #keyFor(credentials: Credentials, day: string): Buffer {
    if (day !== this.#day || credentials !== this.#credentials) {
      const steps = [day, this.#region, 's3', 'aws4_request'];
      this.#key = steps.reduce(
        (key, step) => createHmac('sha256', key).update(step).digest(),
        Buffer.from(`AWS4${credentials.secretAccessKey}`),
      );
      this.#day = day;
      this.#credentials = credentials;
      this.#signed.clear();
    }
    return this.#key;
  }
}
