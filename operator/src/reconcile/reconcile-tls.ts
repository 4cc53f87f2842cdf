import { STALLED_REASONS } from '../api/conditions.ts';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { controllerOf } from '../kube/objects.ts';
import { buildCaSecret } from '../resources/ca-secret.ts';
import { buildCertificate } from '../resources/certificate.ts';
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
  expiryOf,
  isFor,
  isWhole,
  lifeOf,
} from '../resources/certificates.ts';
import { caSecretName, tlsSecretName } from '../resources/child-names.ts';
import { CERTIFICATE } from '../resources/foreign-kinds.ts';
import { buildTlsSecret, keyPairOf, tlsSecretFault } from '../resources/tls-secret.ts';
import { ingressTls } from '../resources/tls-source.ts';
import { missingSecret, reconcileForeign, removeUnusedSecret, type Step } from './step.ts';
import type { TlsOutcome } from './tls-outcome.ts';

/** The Ingress's certificate: checked where somebody else keeps it, made and renewed where the operator does. */
export async function reconcileTls(s3proxy: ValidS3Proxy, step: Step): Promise<TlsOutcome> {
  const tls = ingressTls(s3proxy);
  const { name } = s3proxy.metadata;
  const concluded = (secretNames: string[], conclude: () => Promise<TlsOutcome>): Promise<TlsOutcome> =>
    step.tlsConclusions.draw({ s3proxy, secretNames, written: step.applier.writtenSecrets }, conclude);
  switch (tls.source) {
    case 'selfSigned':
      return concluded([caSecretName(name), tls.secretName], () => selfSigned(s3proxy, tls.host, step));
    case 'secret':
      return concluded([tls.secretName], () => referenced(tls.secretName, s3proxy, step));
    case 'certManager':
      await reconcileForeign(CERTIFICATE, name, buildCertificate(s3proxy), step);
      return concluded([tls.secretName], () => issued(tls.secretName, tls.host, s3proxy, step));
    case 'disabled':
      return { ready: true };
  }
}

/** Removes what is left of another way to get the certificate. Called when the Ingress does not name it any more. */
export async function removeUnusedTls(s3proxy: ValidS3Proxy, step: Step): Promise<void> {
  const { name } = s3proxy.metadata;
  const { source } = ingressTls(s3proxy);
  if (source !== 'certManager') await reconcileForeign(CERTIFICATE, name, undefined, step);
  if (source === 'selfSigned') return;
  for (const own of [tlsSecretName(name), caSecretName(name)]) await removeUnusedSecret(s3proxy, own, step);
}

async function referenced(
  secretName: string,
  { metadata }: ValidS3Proxy,
  { applier, readReferenced, now }: Step,
): Promise<TlsOutcome> {
  const secret = await readReferenced(secretName);
  if (secret === undefined) {
    applier.obstacles.push(missingSecret(secretName, 'spec.ingress.tls.secretName'));
    return { ready: false };
  }
  const own = controllerOf(secret)?.uid === metadata.uid;
  const fault = own
    ? `Secret ${secretName} is the operator's own, which is renewed only while spec.ingress.tls.secretName does not name it: leave that out, or name another`
    : tlsSecretFault(secret, now());
  if (fault !== undefined) {
    applier.obstacles.push({ reason: STALLED_REASONS.secretInvalid, message: `${fault}.` });
    return { ready: false };
  }
  const notAfter = expiryOf(keyPairOf(secret)?.certificate ?? '');
  return { ready: true, secretName, notAfter, lookAt: notAfter };
}

/**
 * The Secret that cert-manager fills. Until it holds a certificate for the host, whatever the Ingress serves now goes on being served;
 * one that is over is told, and changes nothing.
 */
async function issued(
  secretName: string,
  host: string,
  { metadata: { name, namespace } }: ValidS3Proxy,
  { readReferenced, now }: Step,
): Promise<TlsOutcome> {
  const pair = keyPairOf(await readReferenced(secretName));
  const see = `If it stays so: kubectl -n ${namespace} describe certificate ${name}`;
  if (pair === undefined || !isWhole(pair) || !isFor(pair.certificate, host)) {
    const pending = `cert-manager has not issued a certificate for ${host} into Secret ${secretName} yet. ${see}`;
    return { ready: false, pending };
  }
  const notAfter = expiryOf(pair.certificate);
  const over = notAfter !== undefined && notAfter <= now();
  return {
    ready: true,
    secretName,
    notAfter,
    ...(over
      ? {
          pending: `The certificate in Secret ${secretName} is over, and cert-manager has not renewed it. ${see}`,
        }
      : { lookAt: notAfter }),
  };
}

async function selfSigned(s3proxy: ValidS3Proxy, host: string, step: Step): Promise<TlsOutcome> {
  const { applier, now } = step;
  const { name, namespace } = s3proxy.metadata;
  // The authority first: a certificate whose authority is lost could never be renewed under it.
  const ca = await applier.keep(caSecretName(name), async (existing) =>
    buildCaSecret(s3proxy, ensureCertificateAuthority(keyPairOf(existing), `${namespace}/${name}`, now())),
  );
  const authority = keyPairOf(ca);
  if (authority === undefined) return { ready: false };
  const secret = await applier.keep(tlsSecretName(name), async (existing) =>
    buildTlsSecret(s3proxy, ensureServerCertificate(keyPairOf(existing), authority, host, now()), authority),
  );
  const server = keyPairOf(secret);
  if (server === undefined) return { ready: false };
  const life = lifeOf(server.certificate);
  return { ready: true, secretName: tlsSecretName(name), notAfter: life?.until, lookAt: life?.renewAt };
}
