import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { childMetadata } from './labels.ts';
import { ingressTls } from './tls-source.ts';

/** cert-manager.io/v1 Certificate, as far as it is used here. */
export interface CertificateManifest extends KubeObject {
  spec: {
    secretName: string;
    dnsNames: string[];
    issuerRef: { name: string; kind: string; group: string };
    privateKey: { algorithm: 'ECDSA'; size: 256; rotationPolicy: 'Always' };
  };
}

/** What cert-manager is asked for; undefined when the certificate comes from elsewhere. */
export function buildCertificate(s3proxy: ValidS3Proxy): CertificateManifest | undefined {
  const tls = ingressTls(s3proxy);
  if (tls.source !== 'certManager') return undefined;
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: childMetadata(s3proxy, s3proxy.metadata.name, 'tls'),
    spec: {
      secretName: tls.secretName,
      dnsNames: [tls.host],
      issuerRef: { ...tls.issuerRef },
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
    },
  };
}
