import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, openCluster } from '../../hack/cluster/cluster.ts';
import { eventually } from '../eventually.ts';
import { demoFixture, type Fixture } from './fixture.ts';
import { takesTurn } from './turns.ts';

takesTurn();

const MEBIBYTE = 2 ** 20;
const PART_BYTES = 64 * MEBIBYTE;
const PARTS = 16;
const LARGEST_RSS_BYTES = 150 * 1e6;
const HANG_UPS = 200;

let fixture: Fixture;
let cluster: Cluster;
let sha256: string;
let pid: string;

beforeAll(async () => {
  fixture = await demoFixture();
  const opened = await openCluster(join(fixture.directory, 'cluster'));
  if (opened === undefined) throw new Error('the cluster does not run');
  cluster = opened;
  pid = await onlyProxy();
  sha256 = await uploadGibibyte('large.bin');
}, 180_000);

/** Process id of the proxy, once those that earlier files replaced have drained and ended. */
async function onlyProxy(): Promise<string> {
  let pids: string[] = [];
  await eventually('the only proxy', 120_000, async () => {
    pids = (await cluster.execute('pgrep', '-f', '^node .*/app/proxy')).trim().split('\n');
    return pids.length === 1;
  });
  return pids[0] ?? '';
}

/** Puts 1 GiB of bytes that no cache of repeats could make up. @returns its SHA-256. */
async function uploadGibibyte(key: string): Promise<string> {
  const object = { Bucket: fixture.demo.S3_BUCKET, Key: key };
  const { UploadId } = await fixture.s3.send(new CreateMultipartUploadCommand(object));
  const hash = createHash('sha256');
  const parts: { PartNumber: number; ETag: string | undefined }[] = [];
  const block = randomBytes(PART_BYTES);
  for (let PartNumber = 1; PartNumber <= PARTS; PartNumber += 1) {
    block.writeUInt32BE(PartNumber, 0);
    hash.update(block);
    const { ETag } = await fixture.s3.send(
      new UploadPartCommand({ ...object, UploadId, PartNumber, Body: block }),
    );
    parts.push({ PartNumber, ETag });
  }
  await fixture.s3.send(
    new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts: parts } }),
  );
  return hash.digest('hex');
}

/** Highest resident size of the proxy so far, in bytes (VmHWM of /proc/PID/status). */
async function peakRss(): Promise<number> {
  const status = await cluster.execute('cat', `/proc/${pid}/status`);
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** Established connections from the proxy to the S3 server. */
async function s3Sockets(): Promise<number> {
  const port = Number(new URL(fixture.demo.AWS_ENDPOINT_URL).port)
    .toString(16)
    .toUpperCase()
    .padStart(4, '0');
  const table = await cluster.execute('cat', `/proc/${pid}/net/tcp`, `/proc/${pid}/net/tcp6`);
  return table.split('\n').filter((line) => {
    const [, , remote = '', state] = line.trim().split(/\s+/);
    return remote.endsWith(`:${port}`) && state === '01';
  }).length;
}

describe('large objects and impatient clients', () => {
  test('1 GiB through Ingress and proxy, with the proxy under 150 MB', async () => {
    const answer = await fixture.http.get({ path: '/large.bin', auth: fixture.auth, keepBody: false });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-length']).toBe(String(PARTS * PART_BYTES));
    expect(answer.sha256).toBe(sha256);
    const rss = await peakRss();
    console.log(`peak RSS of the proxy after 1 GiB: ${Math.round(rss / 1e6)} MB`);
    expect(rss).toBeLessThan(LARGEST_RSS_BYTES);
  });

  test(`${HANG_UPS} clients that hang up halfway leave no S3 socket behind`, async () => {
    for (let wave = 0; wave < HANG_UPS / 20; wave += 1) {
      await Promise.all(
        Array.from({ length: 20 }, () =>
          fixture.http.hangUpAfter({ path: '/large.bin', auth: fixture.auth }, 8 * MEBIBYTE),
        ),
      );
    }
    expect((await fixture.http.get({ path: '/1.jpg', auth: fixture.auth })).status).toBe(200);
    // Idle connections are kept for a while to be used again; those of broken downloads are not.
    await eventually('the S3 sockets to be closed', 60_000, async () => (await s3Sockets()) <= 1);
    await sleep(500);
    expect((await fixture.http.get({ path: '/1.jpg', auth: fixture.auth })).status).toBe(200);
    const rss = await peakRss();
    console.log(`peak RSS of the proxy after ${HANG_UPS} hang-ups: ${Math.round(rss / 1e6)} MB`);
    expect(rss).toBeLessThan(LARGEST_RSS_BYTES);
  });
});
