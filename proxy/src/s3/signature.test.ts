import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePath, encodeQueryComponent } from '../http/percent-encoding.ts';
import { Signer } from './signature.ts';

/** The AWS SDK's own signer, as the reference. */
async function reference(
  path: string,
  query: Record<string, string>,
  headers: Record<string, string>,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
  now: number,
) {
  const signer = new SignatureV4({
    service: 's3',
    region: 'eu-west-1',
    credentials,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: true,
  });
  const signed = await signer.sign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: 'b.example',
      path,
      query,
      headers: { host: 'b.example', ...headers },
    },
    { signingDate: new Date(now) },
  );
  return signed.headers.authorization;
}

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });

test('signs like the AWS SDK, for any key, query, credentials and time', async () => {
  const ours = new Signer('eu-west-1');
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.dictionary(fc.stringMatching(/^[a-z-]{1,10}$/), text, { maxKeys: 3 }),
      fc.record({
        accessKeyId: fc.stringMatching(/^[A-Z0-9]{4,20}$/),
        secretAccessKey: fc.stringMatching(/^[\x21-\x7e]{4,40}$/),
        sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{4,40}$/), { nil: undefined }),
      }),
      fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 }),
      fc.boolean(),
      async (key, query, { sessionToken, ...keys }, now, payer) => {
        const credentials = sessionToken === undefined ? keys : { ...keys, sessionToken };
        const path = `/${encodePath(key)}`;
        const names = Object.entries(query).toSorted(([a], [b]) => (a < b ? -1 : 1));
        const pairs = names.map(
          ([name, value]) => `${encodeQueryComponent(name)}=${encodeQueryComponent(value)}`,
        );
        const headers = ours.sign(
          {
            method: 'GET',
            host: 'b.example',
            path,
            query: pairs.join('&'),
            extraHeaders: payer ? [['x-amz-request-payer', 'requester']] : [],
          },
          credentials,
          now,
        );
        const extra: Record<string, string> = payer ? { 'x-amz-request-payer': 'requester' } : {};
        expect(headers.at(-1)).toBe(await reference(path, query, extra, credentials, now));
      },
    ),
    { numRuns: 200 },
  );
});

test('a new day and new credentials make a new key', () => {
  const signer = new Signer('eu-west-1');
  const sign = (secretAccessKey: string, day: number) =>
    signer
      .sign(
        { method: 'GET', host: 'h', path: '/k', query: '', extraHeaders: [] },
        { accessKeyId: 'A', secretAccessKey },
        day * 86_400_000,
      )
      .at(-1);
  const first = sign('s', 20_000);
  expect(sign('t', 20_000)).not.toBe(first);
  expect(sign('s', 20_001)).not.toBe(first);
  expect(sign('s', 20_000)).toBe(first);
});

test('what is remembered is what would be computed: a request that comes again, in the same second and later, with old and new credentials', () => {
  const repeating = new Signer('eu-west-1');
  const keys = ['one', 'two'].map((accessKeyId) => ({ accessKeyId, secretAccessKey: 'secret' }));
  const requests = ['/a', '/b'].flatMap((path) =>
    (['GET', 'HEAD'] as const).map((method) => ({
      method,
      host: 'b.example',
      path,
      query: '',
      extraHeaders: [],
    })),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...requests),
      fc.constantFrom(...keys),
      fc.integer({ min: 0, max: 1_500 }),
      (request, credentials, ms) => {
        const now = 1_700_000_000_000 + ms;
        const headers = repeating.sign(request, credentials, now);
        expect(headers).toEqual(new Signer('eu-west-1').sign(request, credentials, now));
        // The caller adds to what it gets.
        headers.push('range', 'bytes=0-0');
      },
    ),
    { numRuns: 300 },
  );
});
