// Runs the built command line in this process; an installed Sealift starts here.
// Without a command: opens the window, or serves it to a browser if no window can be opened.
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { sandboxProblem, windowRuntime } from './window-runtime.mjs';

const asked = windowWords(process.argv.slice(2));
if (asked !== undefined) {
  if (asked.home !== undefined) process.env.SEALIFT_HOME = asked.home;
  const file = asked.file === undefined ? [] : [asked.file];
  const runtime = windowRuntime();
  const problem = runtime.problem ?? (await showWindow(runtime, file));
  if (problem === undefined) process.exit();
  process.stderr.write(`${problem}. Using a browser instead: sealift serve\n`);
  process.argv.splice(2, process.argv.length, 'serve', '--open', ...file);
}
await import('../out/main/cli.js');

/** Returns the data folder and the file in arguments without a command, undefined for others: `[--home FOLDER] [bundle.json|….yaml]`. */
function windowWords(words) {
  const rest = [...words];
  let home;
  if (rest[0] === '--home' && rest.length > 1) home = resolve(rest.splice(0, 2)[1]);
  else if (rest[0]?.startsWith('--home=')) home = resolve(rest.shift().slice('--home='.length));
  const file = rest.length === 1 && isToShow(rest[0]) ? resolve(rest.shift()) : undefined;
  return rest.length === 0 ? { home, file } : undefined;
}

/** A command is never named like this, so a desktop can pass a file alone. */
function isToShow(word) {
  return /(^|[\\/])bundle[.]json$|[.]yaml$/.test(word) && statSync(word, { throwIfNoEntry: false })?.isFile() === true;
}

/** Opens the window and waits until it is closed; returns the problem if it could not be opened. */
async function showWindow({ executable, args }, file) {
  const child = spawn(executable, [...args, ...file], {
    // The core runs in the same Node as this script.
    env: { ...process.env, SEALIFT_NODE: process.execPath },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let isShown = false;
  let written = '';
  child.stdout.on('data', (piece) => {
    isShown = true;
    process.stdout.write(piece);
  });
  child.stderr.on('data', (piece) => {
    if (isShown) process.stderr.write(piece);
    else written += String(piece);
  });
  // Ctrl-C also reaches the window; this script waits until the window has exited.
  const wait = () => undefined;
  const end = () => child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', end);
  const how = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `exit ${code ?? signal}`));
  });
  const sandbox = isShown ? undefined : sandboxProblem(written);
  // Chromium's own words for it are long, and are repeated below in ours.
  if (sandbox === undefined) process.stderr.write(written);
  if (how === undefined || isShown) {
    process.exitCode = how === undefined ? 0 : 4;
    return undefined;
  }
  process.off('SIGINT', wait).off('SIGTERM', end);
  // The page says it too: whoever started Sealift from a menu sees no terminal.
  const problem = sandbox ?? `The window could not open (${how})`;
  process.env.SEALIFT_NO_WINDOW = problem;
  return problem;
}
