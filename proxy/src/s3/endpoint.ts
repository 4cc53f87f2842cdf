/** Where one bucket is reached. */
export interface Endpoint {
  region: string;
  /** Scheme, host and port. */
  origin: string;
  /** The Host header, which is also signed. */
  host: string;
  /** Path before the key, without a trailing slash: empty, or the bucket for path style. */
  basePath: string;
}

export interface BucketAddress {
  bucket: string;
  region: string;
  /** URL of an S3-compatible store; undefined means AWS. */
  endpoint: string | undefined;
  forcePathStyle: boolean;
}

const HOST_NAME_SAFE = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/**
 * Builds the address of a bucket: virtual-hosted style unless path style is asked for, the bucket's name cannot be one DNS
 * label (a dot would break the certificate's wildcard), or the endpoint is an IP address.
 */
export function resolveEndpoint({ bucket, region, endpoint, forcePathStyle }: BucketAddress): Endpoint {
  const base = new URL(endpoint ?? `https://s3.${region}.${dnsSuffix(region)}`);
  const isAddress = /^[\d.]+$|^\[/.test(base.hostname);
  const pathStyle = forcePathStyle || isAddress || !HOST_NAME_SAFE.test(bucket);
  const basePath = base.pathname.replace(/\/+$/, '');
  if (!pathStyle) {
    const host = `${bucket}.${base.host}`;
    return { region, origin: `${base.protocol}//${host}`, host, basePath };
  }
  return {
    region,
    origin: base.origin,
    host: base.host,
    basePath: `${basePath}/${encodeURIComponent(bucket)}`,
  };
}

/** Domain of a region's partition (AWS endpoints and quotas reference). */
function dnsSuffix(region: string): string {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn';
  if (region.startsWith('us-iso-')) return 'c2s.ic.gov';
  if (region.startsWith('us-isob-')) return 'sc2s.sgov.gov';
  if (region.startsWith('us-isof-')) return 'csp.hci.ic.gov';
  if (region.startsWith('eu-isoe-')) return 'cloud.adc-e.uk';
  if (region.startsWith('eusc-')) return 'amazonaws.eu';
  return 'amazonaws.com';
}
