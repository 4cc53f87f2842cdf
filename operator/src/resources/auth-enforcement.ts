import type { ValidS3Proxy } from '../api/s3proxy.ts';

/** Who asks readers for a password. */
export type AuthEnforcement = 'proxy' | 'ingress' | 'nobody';

export function authEnforcement({ spec }: ValidS3Proxy): AuthEnforcement {
  const { enabled, enforcement } = spec.auth.basic;
  if (!enabled) return 'nobody';
  return enforcement === 'Ingress' ? 'ingress' : 'proxy';
}
