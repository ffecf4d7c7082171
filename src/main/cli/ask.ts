import { on } from 'node:events';
import { createInterface } from 'node:readline/promises';

/** Whether a person at a terminal can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks a question on the terminal. Only "y" and "yes" mean yes; the end of the input means no. */
export async function askYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await new Promise<string>((resolve) => {
      terminal.once('close', () => resolve(''));
      void terminal.question(`${question} [y/N] `).then(resolve, () => resolve(''));
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** Asks for a secret on the terminal, without showing it. Undefined for Ctrl-D or Ctrl-C, which also interrupts. */
export async function askSecret(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  // Before the question: what is typed at once must not be shown either.
  stdin.setRawMode(true);
  stderr.write(`${question} `);
  stdin.resume();
  let typed = '';
  try {
    for await (const [piece] of on(stdin, 'data')) {
      for (const character of String(piece)) {
        if (character === '\r' || character === '\n') return typed;
        if (character === '\u0004') return undefined;
        if (character === '\u0003') {
          process.kill(process.pid, 'SIGINT');
          return undefined;
        }
        typed = character === '\u007f' || character === '\b' ? typed.slice(0, -1) : typed + character;
      }
    }
    return undefined;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}
