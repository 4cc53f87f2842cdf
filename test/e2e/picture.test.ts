import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { demoFixture, type Fixture, objectBytes } from './fixture.ts';
import { takesTurn } from './turns.ts';

takesTurn();

let fixture: Fixture;
beforeAll(async () => {
  fixture = await demoFixture();
});

describe('a picture through the Ingress', () => {
  test('no credentials: 401 with a challenge', async () => {
    const answer = await fixture.http.get({ path: '/1.jpg' });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
  });

  test('wrong password: 401', async () => {
    const answer = await fixture.http.get({ path: '/1.jpg', auth: `${fixture.demo.AUTH_USER}:wrong` });
    expect(answer.status).toBe(401);
  });

  test('with credentials: 200 and the very bytes of the object', async () => {
    const bytes = await objectBytes(fixture, '1.jpg');
    const answer = await fixture.http.get({ path: '/1.jpg', auth: fixture.auth });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('image/jpeg');
    expect(answer.headers['content-length']).toBe(String(bytes.length));
    expect(answer.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('HEAD has the headers of GET and no body', async () => {
    const call = { path: '/1.jpg', auth: fixture.auth };
    const get = await fixture.http.get(call);
    const head = await fixture.http.get({ ...call, method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
    for (const name of ['content-length', 'content-type', 'etag', 'last-modified']) {
      expect(head.headers[name], name).toBe(get.headers[name]);
    }
  });

  test('a range is a part, and an entity tag spares the body', async () => {
    const call = { path: '/1.jpg', auth: fixture.auth };
    const whole = await fixture.http.get(call);
    const part = await fixture.http.get({ ...call, headers: { range: 'bytes=100-199' } });
    expect(part.status).toBe(206);
    expect(part.body.equals(whole.body.subarray(100, 200))).toBe(true);
    const tag = String(whole.headers.etag);
    expect((await fixture.http.get({ ...call, headers: { 'if-none-match': tag } })).status).toBe(304);
  });

  test('no such key: 404 without a word of the bucket', async () => {
    const answer = await fixture.http.get({ path: '/nothing-here.jpg', auth: fixture.auth });
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).not.toContain(fixture.demo.S3_BUCKET);
  });

  test('another method: 405 that names those allowed', async () => {
    const answer = await fixture.http.get({ path: '/1.jpg', method: 'DELETE', auth: fixture.auth });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toContain('GET');
  });

  test('the certificate names the host and its authority is the one handed out', () => {
    const authority = new X509Certificate(readFileSync(fixture.demo.CA_FILE));
    expect(authority.ca).toBe(true);
  });

  test('status tells the URL, readiness and the Secret of the password', async () => {
    const s3proxy = await fixture.kubectl.find('s3proxy', 'photos', fixture.namespace);
    expect(s3proxy?.status?.url).toMatch(/^https:\/\/s3proxy\.dummy\.local/);
    expect(s3proxy?.status?.observedGeneration).toBe(s3proxy?.metadata.generation);
    expect(s3proxy?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
    expect(s3proxy?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'BucketReachable', status: 'True' }),
    );
  });
});
