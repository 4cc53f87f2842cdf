import { expect, test } from 'vitest';
import { readSettings } from '../read-config.ts';
import { readTracingSettings } from './settings.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test.each([
  {},
  { OTEL_SERVICE_NAME: 'pictures', OTEL_TRACES_SAMPLER: 'nonsense' },
  { ...ENDPOINT, OTEL_SDK_DISABLED: 'True' },
  { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' },
])('%o wants no traces, and the rest is not looked at', (environment) => {
  expect(readTracingSettings(environment)).toBeUndefined();
});

test.each([
  ENDPOINT,
  { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' },
  { OTEL_TRACES_EXPORTER: 'otlp' },
])('%o wants traces, by the standard’s defaults', (environment) => {
  expect(readTracingSettings(environment)).toMatchObject({
    OTEL_TRACES_SAMPLER: 'parentbased_always_on',
    OTEL_BSP_SCHEDULE_DELAY: 5_000,
    OTEL_BSP_MAX_QUEUE_SIZE: 2_048,
  });
});

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317', 'http'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/protobuf'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'nonsense', 'name=value'],
  ['OTEL_TRACES_SAMPLER', 'sometimes', 'parentbased_traceidratio'],
  ['OTEL_TRACES_SAMPLER_ARG', '2', '1'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '4096', 'OTEL_BSP_MAX_QUEUE_SIZE'],
  ['OTEL_TRACES_EXPORTER', 'zipkin', 'otlp or none'],
])('%s=%s stops the start, beside other faults', (name, value, hint) => {
  const start = () => readSettings({ ...ENDPOINT, [name]: value, PORT: 'x' });
  expect(start).toThrow(new RegExp(`^  ${name}: .*${hint}`, 'm'));
  expect(start).toThrow(/^ {2}PORT: /m);
});
