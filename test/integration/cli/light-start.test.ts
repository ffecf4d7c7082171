import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtWorkers } from '../../run-sealift.ts';

const heavy = [
  'undici',
  'fastify',
  'systeminformation',
  'fast-xml-parser',
  // The file of dockerode.
  'docker',
  'node-llama-cpp',
  'prom-client',
  'jose',
  // Areas of the core, and the server of the page.
  'site-handlers',
  'bundle-handlers',
  'page-server',
];

/** Everything that Node loads before the first line of a command runs: packages by name, files of the build by path. */
function loadedAtStart(file: string, seen = new Set<string>()): Set<string> {
  seen.add(file);
  for (const [, from = ''] of readFileSync(join(builtWorkers, file), 'utf8').matchAll(
    /^(?:import|export) .*?from "([^"]+)";$/gm,
  )) {
    const path = from.startsWith('.') ? join(file, '..', from) : undefined;
    if (path === undefined) seen.add(from);
    else if (!seen.has(path)) loadedAtStart(path, seen);
  }
  return seen;
}

it('starts a command without loading what few commands need', () => {
  const loaded = [...loadedAtStart('cli.js')];
  expect(loaded).toContain('node:fs');
  expect(loaded.filter((one) => heavy.some((name) => one === name || one.startsWith(`chunks/${name}-`)))).toEqual([]);
});
