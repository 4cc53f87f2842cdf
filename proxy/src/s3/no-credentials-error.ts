/** One place that was asked for credentials, and had none. */
export interface FailedSource {
  /** What it is called in AWS' documentation. */
  name: string;
  /** What somebody can do about it: a sentence. */
  advice: string;
  error: unknown;
}

/** No credentials could be had: where from, why not, and what to do. It holds nothing secret. */
export class NoCredentialsError extends Error {
  /** A sentence or two for a status: without what others said, which may name accounts. */
  readonly summary: string;

  /** @param failed in the order of asking; empty where there is nobody to ask */
  constructor(failed: readonly FailedSource[]) {
    const last = failed.at(-1);
    super(
      last === undefined
        ? NOTHING
        : `${failed.map(({ name, error }) => `${name}: ${messageOf(error)}`).join('; ')}. ${last.advice}`,
      { cause: last?.error },
    );
    this.name = 'NoCredentialsError';
    this.summary =
      last === undefined ? NOTHING : `${last.name} failed (${codeOf(last.error)}). ${last.advice}`;
  }
}

const NOTHING =
  'No source of credentials is configured. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the service account an AWS role.';

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  const first = error.message.split('\n', 1)[0]?.replace(/\.$/, '') ?? '';
  return first.includes(code) || code === 'CredentialsProviderError' ? first : `${code}: ${first}`;
}

/** The word that tells one failure from another: `AccessDenied`, `ENOENT`, `TimeoutError`. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
