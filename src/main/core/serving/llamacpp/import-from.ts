import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** An unpacked package of npm. */
export interface UnpackedPackage {
  name: string;
  folder: string;
}

/* Runs in a thread of Node's own, so it is a text that needs nothing else. */
const hooks = `
let urls = {};
export const initialize = (given) => { urls = given; };
export const resolve = (name, context, next) =>
  Object.hasOwn(urls, name) ? { url: urls[name], format: 'module', shortCircuit: true } : next(name, context);
`;

/** Lets this process import packages from their folders, as if they were installed: node-llama-cpp imports its variants by name. */
export function importFrom(packages: readonly UnpackedPackage[]): void {
  const data = Object.fromEntries(
    packages.map(({ name, folder }) => [name, pathToFileURL(join(folder, 'dist', 'index.js')).href]),
  );
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data });
}
