import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { expiryOf, isWhole } from './certificates.ts';
import { tlsSecretName } from './child-names.ts';
import { childMetadata } from './labels.ts';
import { type Secret, secretData, secretText } from './secret.ts';
import type { KeyPair } from './x509.ts';

/** The Secret that the Ingress serves: the certificate, its key, and the CA that clients trust. */
export function buildTlsSecret(s3proxy: ValidS3Proxy, server: KeyPair, authority: KeyPair): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMetadata(s3proxy, tlsSecretName(s3proxy.metadata.name), 'tls'),
    type: 'kubernetes.io/tls',
    data: secretData({
      'tls.crt': server.certificate,
      'tls.key': server.privateKey,
      'ca.crt': authority.certificate,
    }),
  };
}

/** Certificate and key in a Secret of type kubernetes.io/tls; undefined when one is missing. */
export function keyPairOf(secret: Secret | undefined): KeyPair | undefined {
  if (secret === undefined) return undefined;
  const [certificate, privateKey] = [secretText(secret, 'tls.crt'), secretText(secret, 'tls.key')];
  return certificate === undefined || privateKey === undefined ? undefined : { certificate, privateKey };
}

/** What keeps a referenced Secret from serving an Ingress, and what to do; undefined when nothing does. */
export function tlsSecretFault(secret: Secret, now: Date): string | undefined {
  const { name } = secret.metadata;
  if (secret.type !== 'kubernetes.io/tls') {
    return `Secret ${name} has type ${secret.type ?? 'Opaque'}: make it one of type kubernetes.io/tls`;
  }
  const pair = keyPairOf(secret);
  if (pair === undefined) return `Secret ${name} needs the keys tls.crt and tls.key`;
  const expiry = expiryOf(pair.certificate);
  if (expiry === undefined) return `Secret ${name} holds no certificate in PEM under tls.crt: put one there`;
  if (!isWhole(pair)) {
    return `Secret ${name} holds under tls.key no key in PEM that belongs to the first certificate under tls.crt: put the right one there`;
  }
  return expiry <= now
    ? `The certificate in Secret ${name} expired on ${expiry.toISOString().slice(0, 10)}: put a new one there`
    : undefined;
}
