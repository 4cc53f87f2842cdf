import { hash } from 'node:crypto';
import { type KubeObject, keyOf, type ObjectKey } from '../kube/objects.ts';

/** Where a conclusion comes from. */
export interface Premises {
  s3proxy: KubeObject;
  /** Names of the Secrets that are read for it, and of those that would be if they were there. */
  secretNames: readonly string[];
  /** Versions, by name, of the Secrets that this run has written so far. */
  written: ReadonlyMap<string, string | undefined>;
}

/**
 * What was concluded from Secrets, for as long as it holds: so they need not be read and verified again in each run. It holds while
 * their versions and the S3Proxy's spec and annotations are the same, and no longer than `lastsUntil` says.
 */
export interface Conclusions<T> {
  draw(premises: Premises, conclude: () => Promise<T>): Promise<T>;
  forget(key: ObjectKey): void;
}

export interface ConclusionsOptions<T> {
  /** Version of a Secret as the caches show it; undefined for one that is not there. */
  versionOf: (key: ObjectKey) => string | undefined;
  /** When a conclusion has to be drawn anew in any case, in milliseconds since 1970. 0 for one that does not last. */
  lastsUntil: (conclusion: T) => number;
  now: () => Date;
}

export function createConclusions<T>({ versionOf, lastsUntil, now }: ConclusionsOptions<T>): Conclusions<T> {
  const drawn = new Map<ObjectKey, { from: string; conclusion: T }>();

  function versionsOf({ s3proxy, secretNames }: Premises): (string | undefined)[] {
    const { namespace } = s3proxy.metadata;
    return secretNames.map((name) => versionOf(keyOf({ name, namespace })));
  }

  function digest({ s3proxy, secretNames }: Premises, versions: readonly (string | undefined)[]): string {
    const { uid, generation, annotations } = s3proxy.metadata;
    return hash('sha256', JSON.stringify([uid, generation, annotations, secretNames, versions]), 'base64');
  }

  return {
    async draw(premises, conclude) {
      const key = keyOf(premises.s3proxy);
      const versions = versionsOf(premises);
      const before = drawn.get(key);
      if (before?.from === digest(premises, versions) && now().getTime() < lastsUntil(before.conclusion))
        return before.conclusion;
      const conclusion = await conclude();
      if (lastsUntil(conclusion) > 0) {
        // Not what the caches show by now: that may be somebody's change which was not looked at.
        const { secretNames, written } = premises;
        const looked = secretNames.map((name, index) => written.get(name) ?? versions[index]);
        drawn.set(key, { from: digest(premises, looked), conclusion });
      } else drawn.delete(key);
      return conclusion;
    },
    forget: (key) => void drawn.delete(key),
  };
}
