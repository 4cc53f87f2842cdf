import { spawn } from 'node:child_process';

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  input?: string | NodeJS.ReadableStream;
  timeoutMs?: number;
}

/** Kept of what a command wrote, for the error message: its last part. */
const TAIL_CHARACTERS = 4_000;

/**
 * Runs a command to its end and gives its stdout.
 * @throws Error with the command, its exit code and the end of its stderr.
 */
export function command(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      timeout: options.timeoutMs,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-TAIL_CHARACTERS);
    });
    child.once('error', (cause) =>
      reject(new Error(`${file} could not be started: ${cause.message}`, { cause })),
    );
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const line = [file, ...args].join(' ').slice(0, 300);
      reject(
        new Error(
          `${line}\nended with ${signal ?? `code ${code}`}:\n${stderr || stdout.slice(-TAIL_CHARACTERS)}`,
        ),
      );
    });
    if (typeof options.input === 'string') child.stdin?.end(options.input);
    else if (options.input !== undefined && child.stdin !== null) options.input.pipe(child.stdin);
    // A command that ends without reading its input is judged by its exit code.
    child.stdin?.on('error', () => undefined);
  });
}

/** Whether a program is on PATH. */
export async function isOnPath(program: string): Promise<boolean> {
  return command('sh', ['-c', 'command -v "$1"', 'sh', program]).then(
    () => true,
    () => false,
  );
}
