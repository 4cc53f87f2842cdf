import type { ProxyConfig } from './config.ts';
import { LIMITS, type Limits } from './http-server.ts';

/** The limits as the environment has them. A body's time comes on top of that of the headers. */
export function limitsFrom(
  config: Pick<
    ProxyConfig,
    | 'HTTP_HEADERS_TIMEOUT_SECONDS'
    | 'HTTP_BODY_TIMEOUT_SECONDS'
    | 'HTTP_KEEP_ALIVE_SECONDS'
    | 'HTTP_IDLE_TIMEOUT_SECONDS'
  >,
): Limits {
  const headersMs = config.HTTP_HEADERS_TIMEOUT_SECONDS * 1000;
  return {
    ...LIMITS,
    headersMs,
    requestMs: headersMs + config.HTTP_BODY_TIMEOUT_SECONDS * 1000,
    // Short limits are looked at more often.
    checkMs: Math.min(LIMITS.checkMs, headersMs / 2),
    keepAliveMs: config.HTTP_KEEP_ALIVE_SECONDS * 1000,
    stallMs: config.HTTP_IDLE_TIMEOUT_SECONDS * 1000,
  };
}
