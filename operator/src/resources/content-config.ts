import type { ContentConfigInput } from '@s3proxy/proxy/content-config';
import type { S3ProxySpec } from '../api/spec.ts';

/** The proxy's content settings; undefined when each path is a key and nothing else, the proxy's own default. */
export function contentConfig({ content }: S3ProxySpec): ContentConfigInput | undefined {
  if (content === undefined) return undefined;
  return { ...content };
}
