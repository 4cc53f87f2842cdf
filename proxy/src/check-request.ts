import type { Admission, Gate } from './auth/gate.ts';
import { isPreflight, preflightHeaders } from './content/cors.ts';
import type { ContentPolicy } from './content/policy.ts';
import { merge } from './http/field-lines.ts';
import { isValidHost } from './http/host.ts';
import { parseRequestTarget, type RequestTarget } from './http/request-target.ts';
import type { RequestContext } from './request-context.ts';
import { respondError } from './respond-error.ts';

/**
 * The checks that every request passes, in this order. True: it may have its object, and the context says which. False: it has its answer. A promise only
 * while a password is checked.
 */
export function checkRequest(
  context: RequestContext,
  policy: ContentPolicy,
  gate: Gate | undefined,
): boolean | Promise<boolean> {
  const { request, response, extraHeaders } = context;
  const { cors, publishHealthKey } = policy.config;

  if (!isValidHost(request.headers.host)) {
    respondError(context, { status: 400, message: 'The Host header is not one host name.' });
    return false;
  }
  const target = parseRequestTarget(request.url ?? '/');
  if (reads(context) && target.kind === 'path' && target.path === '/health' && !publishHealthKey) {
    const headers = ['Content-Type', 'text/plain', 'Content-Length', '3', 'Cache-Control', 'no-store'];
    response.writeHead(200, merge(headers, extraHeaders)).end('ok\n');
    return false;
  }
  // Browsers send no credentials with a preflight, so it comes before them.
  if (cors && isPreflight(request)) {
    const headers = preflightHeaders(cors, request.headers.origin);
    response.writeHead(204, merge(headers, extraHeaders)).end();
    return false;
  }
  const allowed = cors ? 'GET, HEAD, OPTIONS' : 'GET, HEAD';
  const admission = gate?.admit(request);
  if (admission instanceof Promise) {
    return admission.then((decided) => admit(context, decided) && understand(context, target, allowed));
  }
  return (admission === undefined || admit(context, admission)) && understand(context, target, allowed);
}

function admit(context: RequestContext, admission: Admission): boolean {
  if ('user' in admission) {
    context.record.user = admission.user;
    return true;
  }
  const { challenge } = admission;
  respondError(context, admission, challenge === undefined ? [] : ['WWW-Authenticate', challenge]);
  return false;
}

function understand(context: RequestContext, target: RequestTarget, allowed: string): boolean {
  if (!reads(context)) {
    // The body of such a request is not worth reading, so the connection ends with it.
    const headers = ['Allow', allowed, 'Connection', 'close'];
    respondError(context, { status: 405, message: 'Method Not Allowed' }, headers);
    return false;
  }
  if (target.kind === 'refused') {
    respondError(context, { status: 400, message: target.message });
    return false;
  }
  context.path = target.path.slice(1);
  context.query = target.query;
  return true;
}

function reads({ request: { method } }: RequestContext): boolean {
  return method === 'GET' || method === 'HEAD';
}
