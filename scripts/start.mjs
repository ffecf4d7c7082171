// `npm start -- <command …>`: installs and builds if something changed, then runs the command line in this process.
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, install } from './prepare.mjs';

install();
build();
// npm runs scripts in the project's folder. Paths in the arguments are relative to INIT_CWD, where npm was called.
const { INIT_CWD, npm_lifecycle_event, npm_package_json } = process.env;
const isOwnStart =
  npm_lifecycle_event === 'start' && isSamePath(npm_package_json, new URL('../package.json', import.meta.url));
// A clone has no `sealift` on the path: suggested commands start as this one did.
if (isOwnStart) process.env.SEALIFT_PROGRAM = 'npm start --';
if (isOwnStart && INIT_CWD && existsSync(INIT_CWD)) process.chdir(INIT_CWD);
await import('./launch.mjs');

function isSamePath(path, url) {
  return path !== undefined && existsSync(path) && realpathSync(path) === realpathSync(fileURLToPath(url));
}
