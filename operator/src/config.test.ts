import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('the proxy image is all that is needed', () => {
  const config = readConfig({ PROXY_IMAGE: 'example/proxy:1' });
  expect(config).toMatchObject({ WATCH_NAMESPACES: [], LEADER_ELECTION: true, HEALTH_PORT: 8081 });
});

test('namespaces are a comma-separated list', () => {
  const config = readConfig({ PROXY_IMAGE: 'p', WATCH_NAMESPACES: 'a, b,,' });
  expect(config.WATCH_NAMESPACES).toEqual(['a', 'b']);
});

test('telemetry is a JSON object of OTEL_* variables', () => {
  const read = (PROXY_TELEMETRY: string) => readConfig({ PROXY_IMAGE: 'p', PROXY_TELEMETRY }).PROXY_TELEMETRY;
  expect(read('{"OTEL_SERVICE_NAME":"a"}')).toEqual({ OTEL_SERVICE_NAME: 'a' });
  for (const wrong of ['{', '[]', '{"PATH":"/"}', '{"OTEL_A":1}']) {
    expect(() => read(wrong), wrong).toThrow('PROXY_TELEMETRY');
  }
});

test('one message names every fault', () => {
  expect.assertions(3);
  try {
    readConfig({ CONCURRENCY: 'many', LEADER_ELECTION: 'yes' });
  } catch (error) {
    for (const name of ['CONCURRENCY', 'LEADER_ELECTION', 'PROXY_IMAGE'])
      expect(String(error)).toContain(name);
  }
});
