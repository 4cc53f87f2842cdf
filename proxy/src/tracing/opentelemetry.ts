import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Attributes,
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { TraceContext } from '../http/trace-context.ts';
import { ReportingExporter } from './reporting-exporter.ts';
import type { TracingSettings } from './settings.ts';
import type { CallTrace, RequestOutcome, RequestTrace, Tracing } from './tracing.ts';

// Names of attributes: OpenTelemetry's semantic conventions for HTTP spans, stable since 1.23. This module is imported only where traces are wanted: it costs
// memory that others need not pay.

/** How long an end waits for a collector. Milliseconds; what is left after it is lost, as it would be with the pod. */
const FLUSH_MS = 3_000;

/** Starts to trace: spans go to the collector that the OTEL_EXPORTER_OTLP_* variables of the process name, in batches. */
export function startTracing(settings: TracingSettings, log: Logger): Tracing {
  const exporter = new ReportingExporter(new OTLPTraceExporter(), log);
  const provider = new TracerProvider({
    resource: resource(),
    sampler: sampler(settings),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
        exportTimeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
        maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
        maxExportBatchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
      }),
    ],
  });
  const tracer = provider.getTracer('s3proxy');
  return {
    begin: (request, parent) => new RequestSpan(tracer, request, parent),
    async stop() {
      // The exporter has told of its failures by then.
      const flushed = provider.shutdown().catch(() => {});
      await Promise.race([flushed, sleep(FLUSH_MS, undefined, { ref: false })]);
    },
  };
}

function resource(): Resource {
  const detectors = [resourceAttributesEnvDetector, serviceNameEnvDetector];
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 's3proxy' }))
    .merge(detectResources({ detectors }));
}

function sampler({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }: TracingSettings): Sampler {
  const root = name.endsWith('always_on')
    ? new AlwaysOnSampler()
    : name.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio);
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

class RequestSpan implements RequestTrace {
  readonly traceId: string;
  readonly spanId: string;
  readonly #tracer: Tracer;
  readonly #request: IncomingMessage;
  readonly #span: Span;
  readonly #context: Context;

  constructor(tracer: Tracer, request: IncomingMessage, parent: TraceContext | undefined) {
    const context = parent ? contextOf(parent) : ROOT_CONTEXT;
    this.#tracer = tracer;
    this.#request = request;
    this.#span = tracer.startSpan(methodName(request), { kind: SpanKind.SERVER }, context);
    this.#context = trace.setSpan(context, this.#span);
    const { traceId, spanId } = this.#span.spanContext();
    this.traceId = traceId;
    this.spanId = spanId;
  }

  beginCall(method: string, host: string, resends: number): CallTrace {
    if (!this.#span.isRecording()) return { headers: headersOf(this.#span), end() {} };
    const attributes: Attributes = { 'http.request.method': method, 'server.address': host };
    if (resends > 0) attributes['http.request.resend_count'] = resends;
    const span = this.#tracer.startSpan(method, { kind: SpanKind.CLIENT, attributes }, this.#context);
    return {
      headers: headersOf(span),
      end(status, failure) {
        if (status !== undefined) span.setAttribute('http.response.status_code', status);
        if (failure !== undefined) {
          span.setAttribute('error.type', failure);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      },
    };
  }

  end({ status, sentBytes, failure, completed }: RequestOutcome): void {
    if (this.#span.isRecording()) {
      this.#span.setAttributes({ ...describe(this.#request), 'http.response.size': sentBytes });
      // A client that has gone away before its answer began has got no status.
      if (completed || sentBytes > 0) this.#span.setAttribute('http.response.status_code', status);
      // What the client did wrong, or found missing, is no error of the server's.
      if (status >= 500 || !completed) {
        this.#span.setAttribute('error.type', completed ? (failure ?? String(status)) : 'aborted');
        this.#span.setStatus({ code: SpanStatusCode.ERROR });
      }
    }
    this.#span.end();
  }
}

/** What a request says of itself. The query is left out: it may hold what is secret elsewhere. */
function describe(request: IncomingMessage): Attributes {
  const { method, headers, socket } = request;
  return {
    'http.request.method': methodName(request) === 'HTTP' ? '_OTHER' : method,
    'url.scheme': 'http',
    'url.path': request.url?.split('?', 1)[0],
    'server.address': headers.host,
    // A dual-stack socket writes IPv4 addresses this way (RFC 4291 §2.5.5.2).
    'client.address': socket.remoteAddress?.replace(/^::ffff:(?=\d)/, ''),
    'user_agent.original': headers['user-agent'],
    'network.protocol.version': request.httpVersion,
  };
}

/** A name of few values, as span names should be. */
function methodName({ method = '' }: IncomingMessage): string {
  return /^(?:GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE)$/.test(method) ? method : 'HTTP';
}

function contextOf({ traceId, parentId, sampled, state }: TraceContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: parentId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(state !== undefined && { traceState: createTraceState(state) }),
  });
}

function headersOf(span: Span): readonly string[] {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const flags = traceFlags.toString(16).padStart(2, '0');
  const headers = ['traceparent', `00-${traceId}-${spanId}-${flags}`];
  const state = traceState?.serialize();
  if (state) headers.push('tracestate', state);
  return headers;
}
