import { PassThrough } from 'node:stream';
import type { Engine } from './connect-engine.ts';
import { translateEngineError } from './translate-error.ts';

/** Result of a command in a container. Output is cut after 16,000 characters. */
export interface Executed {
  exitCode: number;
  output: string;
}

const maxChars = 16_000;
/** Exit codes and messages for a program that is missing or cannot be run. */
const noProgram = [126, 127];

/**
 * Runs a command in a running container and waits until it ends. Undefined if the image has no such program. Pass what others on
 * the machine must not read as `input`, not as an argument. Throws the signal's reason or the engine's error.
 */
export async function execInContainer(
  engine: Engine,
  id: string,
  command: string[],
  signal: AbortSignal,
  input?: string,
): Promise<Executed | undefined> {
  try {
    const exec = await engine.docker.getContainer(id).exec({
      Cmd: command,
      AttachStdin: input !== undefined,
      AttachStdout: true,
      AttachStderr: true,
      abortSignal: signal,
    });
    const stream = await exec.start({ abortSignal: signal, ...(input !== undefined && { hijack: true, stdin: true }) });
    const gathered = gather(engine, stream, signal);
    if (input !== undefined) stream.end(input);
    const output = await gathered;
    const exitCode = (await exec.inspect()).ExitCode ?? -1;
    return noProgram.includes(exitCode) ? undefined : { exitCode, output };
  } catch (thrown) {
    signal.throwIfAborted();
    if (/executable file not found|no such file or directory/i.test(String(thrown))) return undefined;
    throw translateEngineError(thrown, { address: engine.address, doing: `run ${command[0]} in a container` });
  }
}

function gather(engine: Engine, stream: NodeJS.ReadWriteStream, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const both = new PassThrough();
    both.on('data', (chunk) => {
      if (output.length < maxChars) output = `${output}${String(chunk)}`.slice(0, maxChars);
    });
    engine.docker.modem.demuxStream(stream, both, both);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A program that is missing, or ends early, takes no input: its exit code says more, and an engine that is gone has none.
      if (error.code !== 'EPIPE') reject(error);
    });
    stream.on('end', () => resolve(output));
    stream.on('close', () => resolve(output));
  });
}
