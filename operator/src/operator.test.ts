import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readConfig } from './config.ts';
import { createConnection } from './kube/connection.ts';
import { silentLogger } from './kube/logger.ts';
import { createRuntimeMetrics } from './kube/metrics.ts';
import { type FakeApiServer, startFakeApiServer } from './kube/testing/fake-api-server.ts';
import { createOperator } from './operator.ts';

let server: FakeApiServer;
beforeEach(async () => {
  server = await startFakeApiServer();
});
afterEach(() => server.close());

test('the Lease does not wait behind calls that get no answer', async () => {
  const source = { server: server.url, load: async () => ({ headers: {} }) };
  const operator = createOperator({
    config: readConfig({ PROXY_IMAGE: 'proxy', POD_NAMESPACE: 'a', LEASE_NAME: 'operator' }),
    connection: createConnection(source, { maxConnections: 1 }),
    leaseConnection: createConnection(source, { maxConnections: 1 }),
    logger: silentLogger,
    metrics: createRuntimeMetrics(),
  });
  // No list is answered, so the only connection for calls is taken for good.
  server.interfere = ({ url = '' }) => !url.includes('/leases');
  const stop = new AbortController();
  const ended = operator.run(stop.signal);
  const lease = () => server.objects.get('/apis/coordination.k8s.io/v1/namespaces/a/leases/operator');
  const held = { spec: { holderIdentity: expect.stringContaining('s3proxy-operator_') } };
  await vi.waitFor(() => expect(lease()).toMatchObject(held), { timeout: 2_000 });
  expect(operator.waitsFor()).toContain('s3proxies');
  stop.abort();
  expect(await ended).toBe('released');
});
