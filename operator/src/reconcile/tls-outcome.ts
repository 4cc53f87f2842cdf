/** What a run found of the Ingress's certificate. */
export interface TlsOutcome {
  /** Whether the Ingress may name its Secret. */
  ready: boolean;
  /** What it waits for, when waiting helps; a sentence. */
  pending?: string | undefined;
  secretName?: string | undefined;
  notAfter?: Date | undefined;
  /** When it is to be looked at again: to be renewed where the operator does that, or because it expires. */
  lookAt?: Date | undefined;
}

/** Until when what was found of a certificate holds, in milliseconds since 1970: its renewal or its end. */
export function tlsLastsUntil({ ready, pending, lookAt }: TlsOutcome): number {
  return ready && pending === undefined ? (lookAt?.getTime() ?? Number.POSITIVE_INFINITY) : 0;
}
