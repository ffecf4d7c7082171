import { spawn } from 'node:child_process';
import { builtWorkers } from './run-sealift.ts';

/** What was said on a terminal, by `script`, which gives the command line one of its own. */
export interface TerminalRun {
  text: string;
  exitCode: number;
}

/** Runs the command line on a terminal, and types each answer once its question appears. */
export async function atTerminal(args: string[], answers: [question: string, answer: string][]): Promise<TerminalRun> {
  const words = [process.execPath, `${builtWorkers}/cli.js`, ...args].map((one) => `'${one}'`);
  const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [...answers];
  let [text, seen] = ['', 0];
  child.stdout.on('data', (piece) => {
    text += String(piece);
    const [question, answer] = waiting[0] ?? [];
    const at = question === undefined ? -1 : text.indexOf(question, seen);
    if (question === undefined || at < 0) return;
    seen = at + question.length;
    waiting.shift();
    child.stdin.write(`${answer}\r`);
  });
  const exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  return { text, exitCode };
}
