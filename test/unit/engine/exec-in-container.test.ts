import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import { execInContainer } from '../../../src/main/core/engine/exec-in-container.ts';

/** An engine whose stream to a program breaks with a code once it is given input. */
function engineThatBreaks(code: string, exitCode: number): Engine {
  const stream = new PassThrough();
  stream.end = () => stream.destroy(Object.assign(new Error(`write ${code}`), { code }));
  const exec = { start: async () => stream, inspect: async () => ({ ExitCode: exitCode }) };
  const docker = { getContainer: () => ({ exec: async () => exec }), modem: { demuxStream: () => undefined } };
  return { docker, address: 'unix:///none' } as unknown as Engine;
}

const run = (engine: Engine) => execInContainer(engine, 'a', ['curl'], new AbortController().signal, 'the input');

it('goes by the exit code of a program that ended before it took its input', async () => {
  expect(await run(engineThatBreaks('EPIPE', 3))).toEqual({ exitCode: 3, output: '' });
  expect(await run(engineThatBreaks('EPIPE', 127))).toBeUndefined();
});

it('names an engine whose connection broke', async () => {
  await expect(run(engineThatBreaks('ECONNRESET', 0))).rejects.toMatchObject({ code: 'engine.gone' });
});
