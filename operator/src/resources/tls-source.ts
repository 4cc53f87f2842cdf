import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { tlsSecretName } from './child-names.ts';

/** Where the Ingress's certificate comes from. `secretName`: the Secret that the Ingress names. */
export type TlsSource =
  | { source: 'selfSigned'; secretName: string; host: string }
  | { source: 'secret'; secretName: string }
  | { source: 'disabled' };

/** The certificate's source, with `selfSigned` where the spec says nothing. */
export function ingressTls({ metadata, spec }: ValidS3Proxy): TlsSource {
  const { enabled, host, tls } = spec.ingress;
  if (!enabled || host === undefined || tls?.disabled === true) return { source: 'disabled' };
  if (tls?.secretName !== undefined) return { source: 'secret', secretName: tls.secretName };
  return { source: 'selfSigned', secretName: tlsSecretName(metadata.name), host };
}
