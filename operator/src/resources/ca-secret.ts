import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { caSecretName } from './child-names.ts';
import { childMetadata } from './labels.ts';
import { type Secret, secretData } from './secret.ts';
import type { KeyPair } from './x509.ts';

/** The Secret that keeps the S3Proxy's own CA. No pod and no Ingress names it: its key signs, and nothing else. */
export function buildCaSecret(s3proxy: ValidS3Proxy, authority: KeyPair): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMetadata(s3proxy, caSecretName(s3proxy.metadata.name), 'tls'),
    type: 'kubernetes.io/tls',
    data: secretData({ 'tls.crt': authority.certificate, 'tls.key': authority.privateKey }),
  };
}
