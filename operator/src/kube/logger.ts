type Write = (fields: Record<string, unknown>, message: string) => void;

/** What the runtime needs of a logger; a pino logger is one. Fields never hold object contents, tokens or Secret data. */
export interface Logger {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
