/** What a script needs to use a running demo, as written to `.demo/env`. */
export interface DemoEnvironment {
  KUBECONFIG: string;
  /** Of the S3Proxy. */
  NAMESPACE: string;
  OPERATOR_NAMESPACE: string;
  /** Where the bucket is published, without a trailing slash: `$URL/1.jpg` is a picture. */
  URL: string;
  AUTH_USER: string;
  AUTH_PASSWORD: string;
  /** PEM file of the certificate authority that signed the Ingress's certificate. */
  CA_FILE: string;
  /** Value of curl's --resolve: the demo's host name is in nobody's DNS. */
  RESOLVE: string;
  AWS_ENDPOINT_URL: string;
  AWS_REGION: string;
  AWS_ACCESS_KEY_ID: string;
  AWS_SECRET_ACCESS_KEY: string;
  S3_BUCKET: string;
}

/** The file's text: one `NAME='value'` line each, to be sourced by a POSIX shell after `set -a`. */
export function formatEnvironmentFile(environment: DemoEnvironment): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}='${String(value).replaceAll("'", `'\\''`)}'\n`)
    .join('');
}

/** The inverse of `formatEnvironmentFile`; lines that are no assignment are passed over. */
export function parseEnvironmentFile(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_0-9]+)='((?:[^']|'\\'')*)'$/gm)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(`'\\''`, "'"),
    ]),
  );
}
