import { describe, expect, it } from 'vitest';
import { isTransient } from './errors.ts';
import { errorFromStatus, errorFromWatchEvent, parseRetryAfter } from './status-error.ts';

const failure = (reason: string, more: object = {}) => ({
  kind: 'Status',
  status: 'Failure',
  reason,
  ...more,
});

describe('errorFromStatus', () => {
  it.each([
    [404, 'NotFound', 'NotFound'],
    [409, 'AlreadyExists', 'AlreadyExists'],
    [409, 'Conflict', 'Conflict'],
    [410, 'Expired', 'Gone'],
    [422, 'Invalid', 'Invalid'],
    [429, 'TooManyRequests', 'TooManyRequests'],
    [500, 'ServerTimeout', 'Timeout'],
    [500, 'InternalError', 'Internal'],
    [403, 'Forbidden', 'Forbidden'],
  ])('maps %i %s to %s', (status, reason, code) => {
    expect(errorFromStatus(status, failure(reason), 'GET /x')).toMatchObject({ code, status });
  });

  it('falls back on the HTTP status for reasons it does not know and bodies that are no Status', () => {
    expect(errorFromStatus(409, failure('New'), 'x').code).toBe('Conflict');
    expect(errorFromStatus(503, undefined, 'x').code).toBe('Unavailable');
    expect(errorFromStatus(599, '<html>', 'x').code).toBe('Internal');
    expect(errorFromStatus(418, null, 'x').code).toBe('BadRequest');
  });

  it('carries the field causes, the message and the wait', () => {
    const details = {
      causes: [{ field: 'spec.replicas', reason: 'FieldValueInvalid', message: 'must be positive' }],
      retryAfterSeconds: 3,
    };
    const error = errorFromStatus(422, failure('Invalid', { message: 'bad', details }), 'PATCH /y');
    expect(error).toMatchObject({ message: 'PATCH /y: bad', causes: details.causes, retryAfterMs: 3000 });
  });

  it('reads the code inside a watch event', () => {
    expect(errorFromWatchEvent(failure('Expired', { code: 410 }), 'watch').code).toBe('Gone');
    expect(errorFromWatchEvent('odd', 'watch').code).toBe('Internal');
  });

  it('knows what may pass by itself', () => {
    expect(isTransient(errorFromStatus(503, undefined, 'x'))).toBe(true);
    expect(isTransient(errorFromStatus(422, failure('Invalid'), 'x'))).toBe(false);
    expect(isTransient(new Error('x'))).toBe(false);
  });
});

describe('parseRetryAfter', () => {
  it('reads seconds and dates', () => {
    const now = Date.UTC(2026, 0, 1);
    expect(parseRetryAfter('2', now)).toBe(2000);
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:05 GMT', now)).toBe(5000);
    expect(parseRetryAfter('Wed, 31 Dec 2025 00:00:05 GMT', now)).toBe(0);
    expect(parseRetryAfter('soon', now)).toBeUndefined();
    expect(parseRetryAfter(undefined, now)).toBeUndefined();
  });
});
