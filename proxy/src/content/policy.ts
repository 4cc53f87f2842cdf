import picomatch from 'picomatch';
import type { ContentConfig } from '../content-config.ts';

/** Content settings made ready for use: globs compiled, headers flattened. Paths are decoded and have no first slash. */
export interface ContentPolicy {
  config: ContentConfig;
  /** Headers for every response, as alternating names and values. */
  extraHeaders: readonly string[];
  cacheControl(path: string, own: string | undefined): string | undefined;
  isDownload(path: string): boolean;
  isPrecompressed(path: string): boolean;
}

type Matcher = (path: string) => boolean;

export function compilePolicy(config: ContentConfig): ContentPolicy {
  const rules = config.cacheControl.map((rule) => ({ ...rule, matches: matcher([rule.match]) }));
  const { precompressed } = config;
  return {
    config,
    extraHeaders: config.headers.flatMap(({ name, value }) => [name, value]),
    cacheControl(path, own) {
      const rule = rules.find(({ matches }) => matches(path));
      return rule && (rule.override || own === undefined) ? rule.value : own;
    },
    isDownload: matcher(config.download),
    isPrecompressed: precompressed ? matcher(precompressed.match) : () => false,
  };
}

function matcher(globs: readonly string[]): Matcher {
  if (globs.length === 0) return () => false;
  const matches = picomatch([...globs], { dot: true });
  return (path) => matches(path);
}
