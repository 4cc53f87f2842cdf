import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { eventually } from '../eventually.ts';
import { type Store, startStore } from '../s3/store.ts';
import { startProxy } from './proxy-process.ts';
import { startTraceCollector } from './trace-collector.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
/** Longer than the test: what comes, comes because the proxy ends. */
const NEVER_MS = '600000';

let store: Store;
let directory: string;

beforeAll(async () => {
  store = await startStore();
  await store.put('a.txt', 'hello');
  directory = await mkdtemp(join(tmpdir(), 's3proxy-tracing-'));
});

afterAll(async () => {
  await store?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('a request and its call to the store are spans of the client’s trace, sent before the proxy ends', async () => {
  const collector = await startTraceCollector();
  try {
    const proxy = await startProxy(directory, {
      ...store.environment,
      LOG_LEVEL: 'info',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue',
      OTEL_SERVICE_NAME: 'pictures',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,k8s.namespace.name=web',
      OTEL_BSP_SCHEDULE_DELAY: NEVER_MS,
    });
    const url = `http://127.0.0.1:${proxy.port}`;
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'a=b', 'user-agent': 'test' };
    expect((await fetch(`${url}/a.txt?secret=1`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/missing`)).status).toBe(404);
    const unrecorded = { traceparent: `00-${TRACE}-${PARENT}-00` };
    expect((await fetch(`${url}/a.txt`, { headers: unrecorded })).status).toBe(200);
    expect(collector.spans).toEqual([]);
    await proxy.stop();

    const servers = collector.spans.filter(({ kind }) => kind === 2);
    const [found, missing] = servers;
    expect(servers).toHaveLength(2);
    expect(found).toMatchObject({
      traceId: TRACE,
      parentSpanId: PARENT,
      traceState: 'a=b',
      name: 'GET',
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'url.path': '/a.txt',
        'url.scheme': 'http',
        'user_agent.original': 'test',
        'client.address': '127.0.0.1',
        'network.protocol.version': '1.1',
      },
      resource: {
        'service.name': 'pictures',
        'deployment.environment.name': 'test',
        'k8s.namespace.name': 'web',
      },
    });
    // A key that is not there is no error of the server's, but one of the call.
    expect(missing).toMatchObject({
      parentSpanId: '',
      attributes: { 'http.response.status_code': 404 },
    });
    expect(missing?.status?.code ?? 0).toBe(0);
    const calls = collector.spans.filter(({ kind }) => kind === 3);
    expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual([found?.spanId, missing?.spanId]);
    expect(calls.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([200, 404]);
    expect(calls[1]?.status?.code).toBe(2);
    expect(JSON.stringify(collector.spans)).not.toContain('secret');
    expect(collector.requests[0]).toMatchObject({
      path: '/v1/traces',
      'content-type': 'application/x-protobuf',
      'x-tenant': 'blue',
    });
    const lines = (await proxy.log()).split('\n').filter((line) => line.includes('"msg":"request"'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { traceId: TRACE, spanId: found?.spanId },
      { traceId: missing?.traceId, spanId: missing?.spanId },
      { traceId: TRACE },
    ]);
  } finally {
    await collector.stop();
  }
});

test('the tries of a call that fails are spans of their own', async () => {
  const collector = await startTraceCollector();
  const [port = 0] = await freePorts(1);
  try {
    const proxy = await startProxy(
      directory,
      {
        ...store.environment,
        AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/otlp`,
        OTEL_BSP_SCHEDULE_DELAY: NEVER_MS,
      },
      'answering',
    );
    const { status } = await fetch(`http://127.0.0.1:${proxy.port}/a.txt`);
    await proxy.stop();
    const server = collector.spans.find(({ kind }) => kind === 2);
    expect(server).toMatchObject({
      attributes: { 'http.response.status_code': status },
      status: { code: 2 },
    });
    const calls = collector.spans.filter(({ kind }) => kind === 3);
    expect(calls.length).toBeGreaterThan(1);
    expect(calls.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual([
      undefined,
      ...calls.slice(1).map((_, index) => index + 1),
    ]);
    expect(collector.requests[0]).toMatchObject({ path: '/otlp' });
  } finally {
    await collector.stop();
  }
});

test('a collector that is not there costs no request, one line in the log and little time at the end', async () => {
  const [port = 0] = await freePorts(1);
  const proxy = await startProxy(directory, {
    ...store.environment,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '300',
    OTEL_BSP_SCHEDULE_DELAY: '20',
  });
  const complaints = async () => (await proxy.log()).split('traces cannot be sent').length - 1;
  const ask = async () => (await fetch(`http://127.0.0.1:${proxy.port}/a.txt`)).status;
  await eventually('a complaint', 30_000, async () => (await ask()) === 200 && (await complaints()) > 0);
  for (let turn = 0; turn < 200; turn++) expect(await ask()).toBe(200);
  await proxy.stop();
  expect(await complaints()).toBe(1);
  expect(await proxy.log()).not.toContain('traces are sent again');
});
