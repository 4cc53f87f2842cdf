// What fuzzed requests are made of. One word after the other, or one a line where words hold spaces.

const words = (text: string): readonly string[] => text.trim().split(/\s+/);
const lines = (text: string): readonly string[] => text.split('\n').map((line) => line.trim());

/** Path segments: names, dots, encodings good and bad, and characters with a meaning somewhere. */
export const SEGMENTS = [
  // An empty one makes a double slash.
  '',
  '',
  ...words(String.raw`
    a b.txt public private index.html known.txt dir photo.png health ready metrics favicon.ico .well-known .s3proxy-probe
    . .. ... .%2e %2e %2E%2e %2e%2e%2f ..%2f %2f %2F%2f ..; ..%00 a. A a.gz a.br CON __proto__ constructor
    %00 %0d%0a %0aX-Injected:%20yes %20 % %% %2 %zz %u002e %25 %252e%252e %252f %5c..%5c \ ..\
    %c0%af %c0%ae%c0%ae %e0%80%af %ed%a0%80 %f4%90%80%80 %ff %fe%ff %c3 %c3%bc %F0%9F%99%82 %E2%80%AE %EF%BB%BF
    a+b a%20b a&b=c it's ~ (1) [x] {y} | ^ " <script> $ ! * , ;v=1 :80 @
  `),
  '`',
];

/** Queries that S3 understands, or that a listing does. */
export const QUERIES = [
  '',
  ...words(`
    list-type=2 list-type=2&prefix=private/ prefix=private/ prefix= delimiter=/ start-after=private/ marker=private/ max-keys=1000
    acl policy location logging website cors lifecycle versioning versions uploads tagging torrent attributes retention legal-hold session
    versionId= versionId=null partNumber=1 uploadId=1 select&select-type=2 fetch-owner=true encoding-type=url continuation-token=x
    response-content-type=text/html response-content-disposition=inline response-cache-control=public response-content-encoding=br
    X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x/20250101/us-east-1/s3/aws4_request&X-Amz-Signature=00 X-Amz-Expires=1
    X-Amz-Security-Token=x AWSAccessKeyId=x&Signature=y&Expires=1 x-id=GetObject
    after=private/ after=..%2fprivate/ after=%00 after=%ff limit=1 limit=1000 limit=-1 limit=1e3 limit=NaN limit=
    format=json format=html format=%00 ? = & % %zz %0d%0aX:%20y
  `),
];

/** Instead of a path, or before one. */
export const ORIGINS = words(
  'http://proxy https://a.example:1 http://u:p@b http:// HTTP://[::1] http://[:: http://a:-1 http://?',
);
export const ODD_TARGETS = words('* /#f // /? / /?? /#?');

export const POSITIONS = [
  '',
  ' 1',
  ...words('0 1 5 17 999 4096 9007199254740993 99999999999999999999999999 00 -0 0x1 1e3 +1'),
];

export const TAGS = lines(`"x"
  W/"x"
  *
  "
  x
  ""
  "a", "b"
  W/"a", *
  ,,
  "a"b"

  "0", ""
  w/"x"`).concat('"\xff"');

export const DATES = lines(`Wed, 01 Jan 2025 00:00:00 GMT
  Sunday, 06-Nov-94 08:49:37 GMT
  Sun Nov  6 08:49:37 1994
  Wed, 31 Feb 2025 25:61:61 GMT
  Thu, 01 Jan 1970 00:00:00 GMT
  Fri, 31 Dec 9999 23:59:59 GMT
  Wed, 01 Jan 99999 00:00:00 GMT
  2025-01-01T00:00:00Z
  0

  -1`).concat('\xff');

export const ADDRESSES = lines(`127.0.0.1
  ::1
  10.0.0.1, 192.0.2.7

  ,,,
  unknown
  [::ffff:1.2.3.4]:80
  999.999.999.999
  fe80::1%eth0`).concat('\xff');

export const ENCODINGS = lines(`gzip
  br
  zstd, br;q=0.9, gzip;q=0.1
  *;q=0
  identity;q=0
  br;q=2
  ;;;
  gzip;q=

  *
  br;q=0.0001`).concat('\xff');

export const TYPES = lines(`*/*
  text/html
  application/json
  text/html;q=0
  application/json;q=0.5, text/html;q=0.4
  ;
  ,

  *`).concat('\xff');

export const CREDENTIALS = lines(`Basic YTpi
  Basic
  Basic !!!!
  Bearer x
  AWS4-HMAC-SHA256 Credential=x/y/z, SignedHeaders=host, Signature=00
  AWS a:b
  `).concat('\xff');

export const TRACES = words(`
  00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
  00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01
  00-00000000000000000000000000000000-b7ad6b7169203331-01
  01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x
  ff-0-0-0 x`).concat('', '\xff');

/** What follows "x-amz-". */
export const AMZ = words(`
  date content-sha256 security-token copy-source request-payer meta-x acl expected-bucket-owner
  server-side-encryption-customer-key`);

export const METHODS = words('POST PUT DELETE PATCH TRACE OPTIONS CONNECT PROPFIND get PRI LONGMETHOD QUERY');
export const VERSIONS = [
  '',
  'HTTP/1.1 ',
  ...words('HTTP/1.0 HTTP/1.2 HTTP/2.0 HTTP/0.9 http/1.1 HTTP/1 ICE/1.0'),
];

/** Request targets that are none. */
export const RUDE_TARGETS = [
  '?acl',
  'proxy:443',
  '#',
  'a',
  '.',
  '..',
  '',
  's3://c/d',
  '/\xc3\xbc',
  '/\xff',
  '/..\xc0\xaf',
  '/a b',
  '/?\xe2\x80\xae',
  '/\t',
];

/** Header lines with which a server may end the connection, or which change where a request ends. */
export const RUDE_LINES = [
  ...lines(`Host: other.example
    Transfer-Encoding: xchunked
    Content-Length: 0
    Content-Length: -1
    Content-Length: 99999999999
    Expect: 100-continue
    Expect: nothing
    Connection: close
    A : b
    No colon
    Host:`),
  ' folded',
  'Transfer-Encoding: chunked\r\nContent-Length: 5',
  'Content-Length: 5\r\nContent-Length: 6',
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x',
  'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
  'X: a\0b',
  'X: a\rb',
  'X: a\nb: c',
  `X-Oversized: ${'x'.repeat(20_000)}`,
  `${'x'.repeat(3_000)}: y`,
  'X-Many: y\r\n'.repeat(2_500).trimEnd(),
];

/** What may follow a request that has no body. */
export const RUDE_TAILS = [
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '\0',
  '\r\n\r\n',
  'GET /private/known.txt HTTP/1.1\r\nHost: a\r\n\r\n',
];
