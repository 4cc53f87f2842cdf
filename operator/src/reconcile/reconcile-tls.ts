import { STALLED_REASONS } from '../api/conditions.ts';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { SECRET } from '../kube/resource-kind.ts';
import { buildCaSecret } from '../resources/ca-secret.ts';
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
  expiryOf,
  renewalTime,
} from '../resources/certificates.ts';
import { caSecretName, tlsSecretName } from '../resources/child-names.ts';
import { buildTlsSecret, keyPairOf, tlsSecretFault } from '../resources/tls-secret.ts';
import { ingressTls } from '../resources/tls-source.ts';
import { missingSecret, type Step } from './step.ts';

export interface TlsOutcome {
  /** Whether the Ingress may name its Secret. */
  ready: boolean;
  secretName?: string | undefined;
  notAfter?: Date | undefined;
  /** When the operator renews it by itself. */
  renewAt?: Date | undefined;
}

/** The Ingress's certificate: checked where somebody else keeps it, made and renewed where the operator does. */
export async function reconcileTls(s3proxy: ValidS3Proxy, step: Step): Promise<TlsOutcome> {
  const { name } = s3proxy.metadata;
  const tls = ingressTls(s3proxy);
  if (tls.source === 'selfSigned') return selfSigned(s3proxy, tls.host, step);
  const outcome = tls.source === 'secret' ? await referenced(tls.secretName, step) : { ready: true };
  // Not before its successor is good: the Ingress still names it.
  if (outcome.ready) {
    for (const own of [tlsSecretName(name), caSecretName(name)]) await step.applier.remove(SECRET, own);
  }
  return outcome;
}

async function referenced(secretName: string, { applier, readReferenced }: Step): Promise<TlsOutcome> {
  const secret = await readReferenced(secretName);
  if (secret === undefined) {
    applier.obstacles.push(missingSecret(secretName, 'spec.ingress.tls.secretName'));
    return { ready: false };
  }
  const fault = tlsSecretFault(secret);
  if (fault !== undefined) {
    applier.obstacles.push({ reason: STALLED_REASONS.secretInvalid, message: `${fault}.` });
    return { ready: false };
  }
  return { ready: true, secretName, notAfter: expiryOf(keyPairOf(secret)?.certificate ?? '') };
}

async function selfSigned(s3proxy: ValidS3Proxy, host: string, step: Step): Promise<TlsOutcome> {
  const { applier, readOwn, now } = step;
  const { name, namespace } = s3proxy.metadata;
  const [existingCa, existing] = [await readOwn(caSecretName(name)), await readOwn(tlsSecretName(name))];
  const authority = await ensureCertificateAuthority(keyPairOf(existingCa), `${namespace}/${name}`, now());
  const server = await ensureServerCertificate(keyPairOf(existing), authority, host, host, now());
  // The authority first: a certificate whose authority is lost could never be renewed under it.
  if ((await applier.apply(SECRET, buildCaSecret(s3proxy, authority))) === undefined) return { ready: false };
  if ((await applier.apply(SECRET, buildTlsSecret(s3proxy, server, authority))) === undefined)
    return { ready: false };
  return {
    ready: true,
    secretName: tlsSecretName(name),
    notAfter: expiryOf(server.certificate),
    renewAt: renewalTime(server.certificate),
  };
}
