/** What a run found of the Ingress's certificate. */
export interface TlsOutcome {
  /** Whether the Ingress may name its Secret. */
  ready: boolean;
  /** What it waits for, when waiting helps; a sentence. */
  pending?: string | undefined;
  secretName?: string | undefined;
  notAfter?: Date | undefined;
  /** When the operator renews it by itself. */
  renewAt?: Date | undefined;
}

/** Until when what was found of a certificate holds, in milliseconds since 1970: for one that the operator made, its renewal. */
export function tlsLastsUntil({ ready, pending, renewAt }: TlsOutcome): number {
  return ready && pending === undefined ? (renewAt?.getTime() ?? Number.POSITIVE_INFINITY) : 0;
}
