// `npm start -- <command …>`: installs and builds when something changed, then runs the command line in this process.
// Without a command: opens the window, or shows the same in a browser where no window can be opened.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, install } from './prepare.mjs';
import { windowRuntime } from './window-runtime.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
install();
build();
// npm runs scripts in the project's folder and says in INIT_CWD where it was called: there the paths of the arguments belong.
const { INIT_CWD, npm_lifecycle_event, npm_package_json } = process.env;
const isOwnStart =
  npm_lifecycle_event === 'start' && isSamePath(npm_package_json, new URL('../package.json', import.meta.url));
if (isOwnStart && INIT_CWD && existsSync(INIT_CWD)) process.chdir(INIT_CWD);
const home = onlyHome(process.argv.slice(2));
if (home !== undefined) {
  if (home !== '') process.env.SEALIFT_HOME = home;
  process.argv.length = 2;
}
if (process.argv.length === 2) {
  const runtime = windowRuntime();
  const problem = runtime.problem ?? (await showWindow(runtime.executable));
  if (problem === undefined) process.exit();
  process.stderr.write(`${problem}, so Sealift is shown in a browser: sealift serve\n`);
  process.argv.push('serve');
}
await import('../out/main/cli.js');

/** The data folder of arguments that name no command: empty when there are none, undefined when there are others. */
function onlyHome(words) {
  if (words.length === 0) return '';
  if (words.length === 2 && words[0] === '--home') return resolve(words[1]);
  if (words.length === 1 && words[0].startsWith('--home=')) return resolve(words[0].slice('--home='.length));
  return undefined;
}

function isSamePath(path, url) {
  return path !== undefined && existsSync(path) && realpathSync(path) === realpathSync(fileURLToPath(url));
}

/** Opens the window and waits until it is closed; says in words when it could not be opened. */
async function showWindow(executable) {
  const child = spawn(executable, [root], {
    // The core runs in the Node that runs this.
    env: { ...process.env, SEALIFT_NODE: process.execPath },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let isShown = false;
  child.stdout.on('data', (piece) => {
    isShown = true;
    process.stdout.write(piece);
  });
  // Ctrl-C reaches the window too: this waits until it has ended.
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
  return `The window could not be opened (${how})`;
}
