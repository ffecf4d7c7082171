import { expect, it } from 'vitest';
import { runLong } from '../../../src/main/core/processes/run-long.ts';

async function linesOf(script: string): Promise<string[]> {
  const lines: string[] = [];
  const signal = new AbortController().signal;
  await runLong([process.execPath, '-e', script], { signal, say: (line) => lines.push(line) });
  return lines;
}

it('passes on each line, also the last one without an end, and characters whole', async () => {
  const script = `
    const text = Buffer.from('first\\r\\nsecond é\\rthird\\n\\nlast');
    let at = 0;
    const next = () => at < text.length && process.stdout.write(text.subarray(at, ++at), next);
    next();`;
  expect(await linesOf(script)).toEqual(['first', 'second é', 'third', 'last']);
});

it('keeps only the start of a line without an end, and what follows it', async () => {
  const script = `
    const piece = Buffer.alloc(1024 * 1024, 'x');
    let left = 50;
    const next = () => left-- > 0 ? process.stdout.write(piece, next) : process.stdout.write('\\nlast\\n');
    next();`;
  const lines = await linesOf(script);
  expect(lines).toEqual(['x'.repeat(4096), 'last']);
});
