import { STALLED_REASONS } from '../api/conditions.ts';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { SECRET } from '../kube/resource-kind.ts';
import { parseBasicAuth } from '../resources/basic-auth.ts';
import { authSecretName, buildBasicAuthSecret } from '../resources/basic-auth-secret.ts';
import { basicAuthSecretName, htpasswdSecretName } from '../resources/child-names.ts';
import { buildHtpasswdSecret, htpasswdFor } from '../resources/htpasswd-secret.ts';
import { generatePassword } from '../resources/password.ts';
import type { Secret } from '../resources/secret.ts';
import { missingSecret, type Step } from './step.ts';

/**
 * The Secrets of basic authentication: the generated one, and the htpasswd file that pods mount.
 * @returns whether pods can be started: false while there is no htpasswd file for what the spec says.
 */
export async function reconcileAuth(s3proxy: ValidS3Proxy, step: Step): Promise<boolean> {
  const { applier, readOwn, readReferenced } = step;
  const { name } = s3proxy.metadata;
  const sourceName = authSecretName(s3proxy);
  if (sourceName === undefined) {
    await applier.remove(SECRET, htpasswdSecretName(name));
    await applier.remove(SECRET, basicAuthSecretName(name));
    return true;
  }
  const generated =
    sourceName === basicAuthSecretName(name) && s3proxy.spec.auth.basic.secretRef === undefined;
  const source = generated ? await generate(s3proxy, step) : await readReferenced(sourceName);
  if (source === undefined) {
    if (!generated) applier.obstacles.push(missingSecret(sourceName, 'spec.auth.basic.secretRef.name'));
    return false;
  }
  const parsed = parseBasicAuth(source);
  if (!parsed.ok) {
    applier.obstacles.push({ reason: STALLED_REASONS.secretInvalid, message: `${parsed.fault}.` });
    return false;
  }
  const existing = await readOwn(htpasswdSecretName(name));
  const file = await htpasswdFor(source, parsed.credentials, existing);
  const manifest = buildHtpasswdSecret(s3proxy, source, file);
  if (manifest === undefined || (await applier.apply(SECRET, manifest)) === undefined) return false;
  if (!generated) await applier.remove(SECRET, basicAuthSecretName(name));
  return true;
}

/** The generated Secret with its data, made if it is missing; undefined when an obstacle keeps it from being made. */
async function generate(s3proxy: ValidS3Proxy, { applier, readOwn }: Step): Promise<Secret | undefined> {
  const existing = await readOwn(basicAuthSecretName(s3proxy.metadata.name));
  const manifest = buildBasicAuthSecret(s3proxy, { existing, generatePassword });
  if (manifest === undefined) return undefined;
  const live = await applier.apply(SECRET, manifest);
  return live === undefined ? undefined : { ...manifest, metadata: live.metadata };
}
