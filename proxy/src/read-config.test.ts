import { expect, test } from 'vitest';
import { readSettings } from './read-config.ts';

const noFile = (path: string): string => {
  throw new Error(`ENOENT: ${path}`);
};
const read = (environment: Record<string, string>, file = noFile) => readSettings(environment, file);

/** Lines of the message, without the first one. */
function faults(environment: Record<string, string>, file = noFile): string[] {
  try {
    read(environment, file);
  } catch (error) {
    const [title, ...lines] = (error as Error).message.split('\n');
    expect(title).toBe('The environment is not usable:');
    return lines.map((line) => line.trim());
  }
  throw new Error('it is usable');
}

test('a bucket is all that is needed', () => {
  const { config, content } = read({ S3_BUCKET: 'photos' });
  expect(config).toMatchObject({ S3_BUCKET: 'photos', PORT: 5000, AWS_REGION: 'us-east-1', S3_PREFIX: '' });
  expect(config.AUTH_HTPASSWD_FILE).toBeUndefined();
  expect(content.directoryListing).toBe(false);
});

test('one message lists every fault, each by its variable', () => {
  const all = faults({
    S3_FORCE_PATH_STYLE: 'yes',
    AWS_ENDPOINT_URL_S3: 'minio:9000',
    PORT: '70000',
    LOG_LEVEL: 'loud',
    AUTH_REALM: 'ü',
    CACHE_MAX_BYTES: '-1',
    S3_MAX_ATTEMPTS: '0',
    TRUSTED_PROXIES: 'example.com',
    AWS_ACCESS_KEY_ID: 'key',
    CONTENT_CONFIG: '{"indexDocument": "a/b", "cors": {"allowOrigins": []}}',
  });
  expect(all.map((fault) => fault.split(':', 1)[0])).toEqual([
    'S3_BUCKET',
    'S3_FORCE_PATH_STYLE',
    'AWS_ENDPOINT_URL_S3',
    'S3_MAX_ATTEMPTS',
    'PORT',
    'AUTH_REALM',
    'CACHE_MAX_BYTES',
    'LOG_LEVEL',
    'TRUSTED_PROXIES',
    'AWS_SECRET_ACCESS_KEY',
    'CONTENT_CONFIG.indexDocument',
    'CONTENT_CONFIG.cors.allowOrigins',
  ]);
  for (const fault of all) expect(fault).toMatch(/^[A-Z0-9_]+(\.[\w.]+)?: \S/);
});

test('no fault tells what is secret', () => {
  const text = faults({ AWS_SECRET_ACCESS_KEY: 'very-secret', PORT: 'x' }).join();
  expect(text).not.toContain('very-secret');
});

test('a blank variable is an unset one', () => {
  const { config } = read({ S3_BUCKET: 'photos', PORT: '', AUTH_HTPASSWD_FILE: '', S3_FORCE_PATH_STYLE: '' });
  expect([config.PORT, config.AUTH_HTPASSWD_FILE, config.S3_FORCE_PATH_STYLE]).toEqual([
    5000,
    undefined,
    false,
  ]);
  expect(faults({ S3_BUCKET: '' })).toHaveLength(1);
});

test('only for TRUSTED_PROXIES blank says something: nobody', () => {
  expect(read({ S3_BUCKET: 'photos', TRUSTED_PROXIES: '' }).config.TRUSTED_PROXIES).toBe('');
  expect(read({ S3_BUCKET: 'photos' }).config.TRUSTED_PROXIES).toBe('loopback,linklocal,uniquelocal');
});

test('both ports on one number are a fault, defaults included', () => {
  const message = 'MANAGEMENT_PORT: must not be the same as PORT';
  expect(faults({ S3_BUCKET: 'photos', PORT: '9090' })).toEqual([message]);
  expect(faults({ S3_BUCKET: 'photos', PORT: '80', MANAGEMENT_PORT: '80' })).toEqual([message]);
});

test('half a key is a fault; a whole one or none is not', () => {
  expect(faults({ S3_BUCKET: 'photos', AWS_SECRET_ACCESS_KEY: 'x' })).toEqual([
    'AWS_ACCESS_KEY_ID: must be set, as the other half of the key is',
  ]);
  read({ S3_BUCKET: 'photos', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' });
});

test('a token without a role is a fault', () => {
  const token = { S3_BUCKET: 'photos', AWS_WEB_IDENTITY_TOKEN_FILE: '/token' };
  expect(faults(token)).toEqual(['AWS_ROLE_ARN: must be set, as AWS_WEB_IDENTITY_TOKEN_FILE is']);
  read({ ...token, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/reader' });
});

test('content settings come from the variable or from the file it names', () => {
  const json = '{"indexDocument":"index.html"}';
  for (const settings of [
    read({ S3_BUCKET: 'photos', CONTENT_CONFIG: json }),
    read({ S3_BUCKET: 'photos', CONTENT_CONFIG_FILE: '/etc/content' }, (path) =>
      path === '/etc/content' ? json : '',
    ),
  ])
    expect(settings.content.indexDocument).toBe('index.html');
});

test.each([
  [{ CONTENT_CONFIG: '{' }, /^CONTENT_CONFIG: .*JSON/],
  [{ CONTENT_CONFIG_FILE: '/missing' }, /^CONTENT_CONFIG_FILE: ENOENT: \/missing/],
  [{ CONTENT_CONFIG: '{}', CONTENT_CONFIG_FILE: '/x' }, /both set/],
  [{ CONTENT_CONFIG: '{"unheard": 1}' }, /^CONTENT_CONFIG: Unrecognized key: "unheard"/],
])('%o is told as a fault', (environment, fault) => {
  expect(faults({ S3_BUCKET: 'photos', ...environment })).toEqual([expect.stringMatching(fault)]);
});
