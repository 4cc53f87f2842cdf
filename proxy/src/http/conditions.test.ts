import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import { evaluatePreconditions, isConditional, rangeApplies } from './conditions.ts';

const strong = { etag: '"a"', lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT' };
const weak = { ...strong, etag: 'W/"a"' };
const none = { etag: undefined, lastModified: undefined };
const BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT';
const SAME = strong.lastModified;
const AFTER = 'Sun, 06 Nov 1994 08:49:38 GMT';

describe('preconditions', () => {
  test.each<[string, IncomingHttpHeaders, typeof strong | typeof none, string]>([
    ['no condition', {}, strong, 'proceed'],
    ['If-Match with the tag', { 'if-match': '"a"' }, strong, 'proceed'],
    ['If-Match with the tag in a list', { 'if-match': '"x", "a" ,"y"' }, strong, 'proceed'],
    ['If-Match with another tag', { 'if-match': '"b"' }, strong, 'failed'],
    ['If-Match with a weak tag never matches', { 'if-match': 'W/"a"' }, strong, 'failed'],
    ['If-Match against a weak tag never matches', { 'if-match': '"a"' }, weak, 'failed'],
    ['If-Match: * holds for any object', { 'if-match': '*' }, none, 'proceed'],
    ['If-Match without an entity tag', { 'if-match': '"a"' }, none, 'failed'],
    ['If-Unmodified-Since before', { 'if-unmodified-since': BEFORE }, strong, 'failed'],
    ['If-Unmodified-Since at', { 'if-unmodified-since': SAME }, strong, 'proceed'],
    ['If-Unmodified-Since without a date', { 'if-unmodified-since': BEFORE }, none, 'proceed'],
    ['If-Unmodified-Since that is no date', { 'if-unmodified-since': 'soon' }, strong, 'proceed'],
    [
      'If-Match makes If-Unmodified-Since moot',
      { 'if-match': '"a"', 'if-unmodified-since': BEFORE },
      strong,
      'proceed',
    ],
    ['If-None-Match with the tag', { 'if-none-match': '"a"' }, strong, 'not-modified'],
    ['If-None-Match compares weakly', { 'if-none-match': 'W/"a"' }, strong, 'not-modified'],
    ['If-None-Match against a weak tag', { 'if-none-match': '"a"' }, weak, 'not-modified'],
    ['If-None-Match with others', { 'if-none-match': '"b", "c"' }, strong, 'proceed'],
    ['If-None-Match: *', { 'if-none-match': '*' }, none, 'not-modified'],
    ['If-None-Match with a comma in a tag', { 'if-none-match': '"b,c", "a"' }, strong, 'not-modified'],
    ['If-None-Match that is no tag', { 'if-none-match': 'a' }, strong, 'proceed'],
    ['If-Modified-Since before', { 'if-modified-since': BEFORE }, strong, 'proceed'],
    ['If-Modified-Since at', { 'if-modified-since': SAME }, strong, 'not-modified'],
    ['If-Modified-Since after', { 'if-modified-since': AFTER }, strong, 'not-modified'],
    [
      'If-Modified-Since in the far future',
      { 'if-modified-since': 'Fri, 06 Nov 2999 08:49:37 GMT' },
      strong,
      'not-modified',
    ],
    ['If-Modified-Since without a date', { 'if-modified-since': AFTER }, none, 'proceed'],
    ['If-Modified-Since that is no date', { 'if-modified-since': 'soon' }, strong, 'proceed'],
    [
      'If-None-Match makes If-Modified-Since moot',
      { 'if-none-match': '"b"', 'if-modified-since': AFTER },
      strong,
      'proceed',
    ],
    [
      'If-Match fails before If-None-Match is looked at',
      { 'if-match': '"b"', 'if-none-match': '"a"' },
      strong,
      'failed',
    ],
    [
      'If-Unmodified-Since fails before If-None-Match',
      { 'if-unmodified-since': BEFORE, 'if-none-match': '"a"' },
      strong,
      'failed',
    ],
    [
      'If-Match holds, then If-None-Match',
      { 'if-match': '"a"', 'if-none-match': '"a"' },
      strong,
      'not-modified',
    ],
  ])('%s', (_name, headers, validators, expected) => {
    expect(evaluatePreconditions(headers, validators)).toBe(expected);
    expect(isConditional(headers)).toBe(Object.keys(headers).length > 0);
  });
});

describe('If-Range', () => {
  const now = Date.UTC(2026, 0, 1);
  test.each<[string, string | undefined, typeof strong | typeof none, boolean]>([
    ['absent', undefined, none, true],
    ['the strong tag', '"a"', strong, true],
    ['another tag', '"b"', strong, false],
    ['a weak tag', 'W/"a"', strong, false],
    ['a weak current tag', '"a"', weak, false],
    ['no current tag', '"a"', none, false],
    ['the very date', SAME, strong, true],
    ['an earlier date', BEFORE, strong, false],
    ['a later date', AFTER, strong, false],
    ['no date of the object', SAME, none, false],
    ['nonsense', 'x', strong, false],
  ])('%s', (_name, ifRange, validators, expected) => {
    expect(rangeApplies(ifRange === undefined ? {} : { 'if-range': ifRange }, validators, now)).toBe(
      expected,
    );
  });

  test('a date less than a second old is not strong', () => {
    const headers = { 'if-range': SAME };
    expect(rangeApplies(headers, strong, Date.UTC(1994, 10, 6, 8, 49, 37, 900))).toBe(false);
  });

  test('counts as a condition only with Range', () => {
    expect(isConditional({ 'if-range': '"a"' })).toBe(false);
    expect(isConditional({ 'if-range': '"a"', range: 'bytes=0-' })).toBe(true);
  });
});
