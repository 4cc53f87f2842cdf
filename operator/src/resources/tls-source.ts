import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { S3ProxySpec } from '../api/spec.ts';
import { certificateSecretName, tlsSecretName } from './child-names.ts';

type CertManager = NonNullable<NonNullable<S3ProxySpec['ingress']['tls']>['certManager']>;

/** Where the Ingress's certificate comes from. `secretName`: the Secret that the Ingress names. */
export type TlsSource =
  | { source: 'selfSigned'; secretName: string; host: string }
  | { source: 'secret'; secretName: string }
  | { source: 'certManager'; secretName: string; host: string; issuerRef: CertManager['issuerRef'] }
  | { source: 'disabled' };

/** The certificate's source, with `selfSigned` where the spec says nothing. */
export function ingressTls({ metadata: { name }, spec }: ValidS3Proxy): TlsSource {
  const { enabled, host, tls } = spec.ingress;
  if (!enabled || host === undefined || tls?.disabled === true) return { source: 'disabled' };
  if (tls?.secretName !== undefined) return { source: 'secret', secretName: tls.secretName };
  if (tls?.certManager !== undefined) {
    const { issuerRef } = tls.certManager;
    return { source: 'certManager', secretName: certificateSecretName(name), host, issuerRef };
  }
  return { source: 'selfSigned', secretName: tlsSecretName(name), host };
}
