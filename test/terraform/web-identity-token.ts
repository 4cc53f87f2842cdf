/** What a cluster says about one of its service accounts to AWS. */
export interface WebIdentityClaims {
  /** For whom the token is. */
  aud: readonly string[];
  /** `system:serviceaccount:NAMESPACE:NAME` */
  sub: string;
}

/** A token with these claims in the form of RFC 7519, section 6 (unsecured): the emulator does not look at signatures. */
export function webIdentityToken(claims: WebIdentityClaims): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
