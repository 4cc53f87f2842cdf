import { STALLED_REASONS } from '../api/conditions.ts';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { authEnforcement } from '../resources/auth-enforcement.ts';
import { type BasicAuth, parseBasicAuth } from '../resources/basic-auth.ts';
import { authSecretName, buildBasicAuthSecret } from '../resources/basic-auth-secret.ts';
import { basicAuthSecretName, htpasswdSecretName, middlewareName } from '../resources/child-names.ts';
import { MIDDLEWARE } from '../resources/foreign-kinds.ts';
import { buildHtpasswdSecret, htpasswdFor } from '../resources/htpasswd-secret.ts';
import {
  buildIngressAuthSecret,
  ingressAuthSecretNames,
  wantedIngressAuthSecret,
} from '../resources/ingress-auth-secret.ts';
import { buildMiddleware } from '../resources/middleware.ts';
import { generatePassword } from '../resources/password.ts';
import type { Secret } from '../resources/secret.ts';
import { missingSecret, reconcileForeign, removeUnusedSecret, type Step } from './step.ts';

/**
 * The Secrets of basic authentication: the generated one, and those made of it for whoever asks for the password.
 * @returns whether pods and Ingress may be brought to what the spec says: false while what they need to ask for the password is
 * missing.
 */
export async function reconcileAuth(s3proxy: ValidS3Proxy, step: Step): Promise<boolean> {
  const sourceName = authSecretName(s3proxy);
  if (sourceName === undefined) return true;
  const { name } = s3proxy.metadata;
  const secretNames = [sourceName, htpasswdSecretName(name), ...ingressAuthSecretNames(name)];
  const premises = { s3proxy, secretNames, written: step.applier.writtenSecrets };
  const ready = await step.authConclusions.draw(premises, () => reconcileSecrets(s3proxy, sourceName, step));
  const middleware = buildMiddleware(s3proxy);
  if (!ready || middleware === undefined) return ready;
  return reconcileForeign(MIDDLEWARE, middleware.metadata.name, middleware, step);
}

async function reconcileSecrets(s3proxy: ValidS3Proxy, sourceName: string, step: Step): Promise<boolean> {
  const { applier, readReferenced } = step;
  const generated = s3proxy.spec.auth.basic.secretRef === undefined;
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
  const { credentials } = parsed;
  return authEnforcement(s3proxy) === 'proxy'
    ? forProxy(s3proxy, source, credentials, step)
    : forIngress(s3proxy, source, credentials, step);
}

/** Removes what is left of another way to ask for the password. Called when nothing uses it any more. */
export async function removeUnusedAuth(s3proxy: ValidS3Proxy, step: Step): Promise<void> {
  const { namespace, name } = s3proxy.metadata;
  const enforcement = authEnforcement(s3proxy);
  const wanted = wantedIngressAuthSecret(s3proxy);
  const remove = (secretName: string): Promise<void> => removeUnusedSecret(s3proxy, secretName, step);
  if (enforcement !== 'proxy') await remove(htpasswdSecretName(name));
  // Before the Secret that it names.
  if (buildMiddleware(s3proxy) === undefined)
    await step.applier.remove(MIDDLEWARE, middlewareName(namespace, name));
  for (const unused of ingressAuthSecretNames(name)) if (unused !== wanted) await remove(unused);
  if (authSecretName(s3proxy) !== basicAuthSecretName(name)) await remove(basicAuthSecretName(name));
}

/** The htpasswd file that pods mount. */
async function forProxy(
  s3proxy: ValidS3Proxy,
  source: Secret,
  credentials: BasicAuth,
  { applier }: Step,
): Promise<boolean> {
  const kept = await applier.keep(htpasswdSecretName(s3proxy.metadata.name), async (existing) =>
    buildHtpasswdSecret(s3proxy, source, await htpasswdFor(source, credentials, existing)),
  );
  return kept !== undefined;
}

/** What the ingress controller's driver reads. */
async function forIngress(
  s3proxy: ValidS3Proxy,
  source: Secret,
  credentials: BasicAuth,
  { applier }: Step,
): Promise<boolean> {
  const kept = await applier.keep(wantedIngressAuthSecret(s3proxy) ?? '', async (existing) => {
    const built = await buildIngressAuthSecret(s3proxy, source, credentials, existing);
    if (built?.ok === true) return built.secret;
    const message = `${built?.fault ?? 'spec.auth.basic.driver is missing'}.`;
    applier.obstacles.push({ reason: STALLED_REASONS.secretInvalid, message });
    return undefined;
  });
  return kept !== undefined;
}

/** The generated Secret with its data, made if it is missing; undefined when an obstacle keeps it from being made. */
async function generate(s3proxy: ValidS3Proxy, { applier }: Step): Promise<Secret | undefined> {
  return applier.keep(basicAuthSecretName(s3proxy.metadata.name), async (existing) =>
    buildBasicAuthSecret(s3proxy, { existing, generatePassword }),
  );
}
