import { createRandom, type Random } from './random.ts';
import {
  ADDRESSES,
  AMZ,
  CREDENTIALS,
  DATES,
  ENCODINGS,
  METHODS,
  ODD_TARGETS,
  ORIGINS,
  POSITIONS,
  QUERIES,
  RUDE_LINES,
  RUDE_TAILS,
  RUDE_TARGETS,
  SEGMENTS,
  TAGS,
  TRACES,
  TYPES,
  VERSIONS,
} from './vocabulary.ts';

/** One request as bytes, one character a byte. */
export interface FuzzedRequest {
  text: string;
  isHead: boolean;
}

/** Makes requests for ever, the same ones for the same seed. */
export interface RequestSource {
  /** Odd, but of a form that leaves the connection open. */
  calm(): FuzzedRequest;
  /** Anything: one request, or one with another hidden behind it. The connection may end with it, and whatever follows it may be taken for a part of it. */
  rude(): FuzzedRequest[];
}

/** @param paths request paths of what is there */
export function createRequests(seed: number, paths: readonly string[]): RequestSource {
  const random = createRandom(seed);
  const visible = () => String.fromCharCode(0x21 + random.below(0x5e));
  const anything = () => String.fromCharCode(random.below(256));

  function calm(): FuzzedRequest {
    const isHead = random.oneIn(6);
    const method = isHead ? 'HEAD' : 'GET';
    return { text: `${method} ${target(random, paths, visible)} HTTP/1.1\r\n${headers(random)}\r\n`, isHead };
  }

  function rude(): FuzzedRequest[] {
    const method = random.oneIn(3) ? random.pick(METHODS) : random.pick(['GET', 'HEAD']);
    const version = random.oneIn(8) ? random.pick(VERSIONS) : 'HTTP/1.1';
    let lines = random.oneIn(12) ? '' : headers(random);
    if (random.oneIn(2)) lines += `${random.pick(RUDE_LINES)}\r\n`;
    const what = random.oneIn(8) ? random.pick(RUDE_TARGETS) : target(random, paths, anything);
    const text = `${method} ${what} ${version}\r\n${lines}\r\n`;
    if (random.oneIn(3)) return [asRequest(mutate(random, text, anything))];
    const tail = random.oneIn(6) ? random.pick(RUDE_TAILS) : '';
    // A request of its own gets an answer of its own.
    return tail.startsWith('GET ') ? [text, tail].map(asRequest) : [asRequest(text + tail)];
  }

  return { calm, rude };
}

/** Empty lines before a request are passed over (RFC 9112 §2.2). */
function asRequest(text: string): FuzzedRequest {
  return { text, isHead: /^[\r\n]*HEAD /.test(text) };
}

/** A request target, mostly a path and a query. */
function target(random: Random, paths: readonly string[], character: () => string): string {
  let text = path(random, paths);
  if (random.oneIn(2)) text += `?${random.pick(QUERIES)}`;
  if (random.oneIn(8)) text += `&${random.pick(QUERIES)}`;
  if (random.oneIn(16)) text = mutate(random, text, character);
  if (random.oneIn(60)) return random.pick(ODD_TARGETS);
  // A mutation may have taken the first slash.
  return random.oneIn(20) || !text.startsWith('/') ? `${random.pick(ORIGINS)}/${text}` : text;
}

function path(random: Random, paths: readonly string[]): string {
  if (random.oneIn(6)) return random.pick(paths);
  let text = random.oneIn(12) ? random.pick(paths) : '';
  for (let left = 1 + random.below(4); left > 0; left -= 1) text += `/${random.pick(SEGMENTS)}`;
  if (random.oneIn(100))
    text += `/${random.pick(['x', '%41', '../', '%c3%bc', '%2e%2e/']).repeat(random.below(1_000))}`;
  return text;
}

/** Some characters less, more, twice or other than before. */
function mutate(random: Random, text: string, character: () => string): string {
  let mutated = text;
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const at = random.below(mutated.length + 1);
    const after = mutated.slice(at + random.below(3));
    const repeated = mutated.slice(at, at + 1 + random.below(5));
    const more = random.oneIn(3) ? '' : random.oneIn(2) ? character() : repeated;
    mutated = mutated.slice(0, at) + more + after;
  }
  return mutated;
}

function headers(random: Random): string {
  let lines = 'Host: proxy\r\n';
  for (let left = random.below(4); left > 0; left -= 1) lines += `${random.pick(LINES)(random)}\r\n`;
  return lines;
}

/** Header lines that a server takes without ending the connection. */
const LINES: readonly ((random: Random) => string)[] = [
  (random) => `Range: ${range(random)}`,
  (random) => `Range: ${range(random)}\r\nIf-Range: ${random.pick(random.oneIn(2) ? TAGS : DATES)}`,
  (random) => `${random.pick(['If-Match', 'If-None-Match'])}: ${random.pick(TAGS)}`,
  (random) => `${random.pick(['If-Modified-Since', 'If-Unmodified-Since'])}: ${random.pick(DATES)}`,
  (random) => `Accept-Encoding: ${random.pick(ENCODINGS)}`,
  (random) => `Accept: ${random.pick(TYPES)}`,
  (random) => `X-Forwarded-For: ${random.pick(ADDRESSES)}`,
  (random) => `Forwarded: for=${random.pick(ADDRESSES)};host=evil.example`,
  (random) => `${random.pick(['X-Forwarded-Host', 'X-Original-URL', 'X-Rewrite-URL'])}: /private/known.txt`,
  (random) => `Authorization: ${random.pick(CREDENTIALS)}`,
  (random) =>
    `X-Amz-${random.pick(AMZ)}: ${random.pick(['x', 'private/known.txt', 'requester', '\xff', ''])}`,
  (random) => `Traceparent: ${random.pick(TRACES)}\r\nTracestate: ${random.pick(['a=b', '', '\xff'])}`,
  (random) => `Origin: ${random.pick(['https://a.example', 'null', '*', '\xff', 'https://evil.example\t'])}`,
  (random) => `Cookie: ${'c=d; '.repeat(random.below(30))}`,
  (random) => `Connection: ${random.pick(['keep-alive', 'Host, Authorization', 'X-Amz-Date'])}`,
  (random) => `X-Long: ${'x'.repeat(random.oneIn(10) ? random.below(4_000) : 10)}`,
  () => 'Cache-Control: no-cache\r\nPragma: no-cache',
  () => 'TE: trailers\r\nMax-Forwards: 0\r\nVia: 1.1 x',
];

function range(random: Random): string {
  const spec = () => `${random.pick(POSITIONS)}-${random.pick(POSITIONS)}`;
  const count = random.oneIn(4) ? 1 + random.below(40) : 1;
  const unit = random.oneIn(8) ? random.pick(['BYTES', 'items', 'bytes ', '', 'none']) : 'bytes';
  return `${unit}=${Array.from({ length: count }, spec).join(random.pick([',', ', ', ',,', ' , ']))}`;
}
