// Runs the built command line in this process; an installed Sealift starts here.
// Without a command: opens the window, or serves it to a browser if no window can be opened.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { windowRuntime } from './window-runtime.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const home = onlyHome(process.argv.slice(2));
if (home !== undefined) {
  if (home !== '') process.env.SEALIFT_HOME = home;
  process.argv.length = 2;
}
if (process.argv.length === 2) {
  const runtime = windowRuntime();
  const problem = runtime.problem ?? (await showWindow(runtime.executable));
  if (problem === undefined) process.exit();
  process.stderr.write(`${problem}. Using a browser instead: sealift serve\n`);
  process.argv.push('serve');
}
await import('../out/main/cli.js');

/** Returns the data folder in arguments without a command: empty if there are no arguments, undefined if there are others. */
function onlyHome(words) {
  if (words.length === 0) return '';
  if (words.length === 2 && words[0] === '--home') return resolve(words[1]);
  if (words.length === 1 && words[0].startsWith('--home=')) return resolve(words[0].slice('--home='.length));
  return undefined;
}

/** Opens the window and waits until it is closed; returns the problem if it could not be opened. */
async function showWindow(executable) {
  const child = spawn(executable, [root], {
    // The core runs in the same Node as this script.
    env: { ...process.env, SEALIFT_NODE: process.execPath },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let isShown = false;
  child.stdout.on('data', (piece) => {
    isShown = true;
    process.stdout.write(piece);
  });
  // Ctrl-C also reaches the window; this script waits until the window has exited.
  const wait = () => undefined;
  const end = () => child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', end);
  const how = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `exit ${code ?? signal}`));
  });
  if (how === undefined || isShown) {
    process.exitCode = how === undefined ? 0 : 4;
    return undefined;
  }
  process.off('SIGINT', wait).off('SIGTERM', end);
  return `Could not open the window (${how})`;
}
