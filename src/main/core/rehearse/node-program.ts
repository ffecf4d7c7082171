import { realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { runTool } from '../processes/run-tool.ts';

/** Older C libraries load these to look up names, although no program lists them. */
const nameServices = ['libnss_files.so.2', 'libnss_dns.so.2'];
const timeoutMs = 10_000;

/** A Node executable of this machine with the shared libraries that it needs, its loader included. Absolute paths. */
export interface NodeProgram {
  node: string;
  libraries: string[];
}

/** Finds the libraries that a Node executable needs to run elsewhere; undefined when `ldd` does not list them. */
export async function nodeProgram(path: string): Promise<NodeProgram | undefined> {
  // Its libraries may be named relative to it.
  const node = await realpath(path);
  const libraries = await sharedLibraries(node);
  return libraries && { node, libraries };
}

async function sharedLibraries(program: string): Promise<string[] | undefined> {
  const said = await runTool('ldd', [program], timeoutMs);
  if (said.kind === 'failed' && /not a dynamic executable|statically linked/i.test(said.output)) return [];
  if (said.kind !== 'ok' || said.stdout.includes('not found')) return undefined;
  const named = said.stdout.split('\n').flatMap((line) => {
    const path = /^\s*(?:\S+ => )?(\/.+) \(0x[0-9a-f]+\)$/.exec(line)?.[1];
    return path ? [resolve(path)] : [];
  });
  const folders = [...new Set(named.filter((path) => /\/libc\.so[^/]*$/.test(path)).map((path) => dirname(path)))];
  const services = folders.flatMap((folder) => nameServices.map((name) => join(folder, name)));
  const found = await Promise.all(services.map((path) => stat(path).then(Boolean, () => false)));
  return [...new Set([...named, ...services.filter((_path, at) => found[at])])];
}
