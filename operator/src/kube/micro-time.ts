/**
 * `metav1.MicroTime` as Leases and Events want it: RFC 3339 with exactly six decimals. The API server refuses a Lease whose
 * renewTime has three.
 */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000Z');
}
