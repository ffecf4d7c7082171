import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';

const importLine = /^(?:import|export)\s*(?:[\w$*{},\s]+?\bfrom\s*)?["']([^'"]+)["']/gm;
const importCall = /\bimport\(\s*["']([^'"]+)["']\s*\)/g;

/**
 * Returns the absolute paths of all files that a built entry needs to run in Node: itself, the files that it imports by path, and
 * their packages with dependencies. Throws for a package that is not installed.
 */
export async function programFiles(entry: string): Promise<string[]> {
  const scripts = new Set<string>();
  const packages = new Set<string>();
  await followImports(entry, scripts, packages);
  const files = await Promise.all([...packages].map(codeBelow));
  return [...scripts, ...nearestPackage(dirname(entry)), ...files.flat()];
}

async function followImports(script: string, scripts: Set<string>, packages: Set<string>): Promise<void> {
  if (scripts.has(script)) return;
  scripts.add(script);
  const text = await readFile(script, 'utf8');
  for (const [, name = ''] of [...text.matchAll(importLine), ...text.matchAll(importCall)]) {
    if (name.startsWith('.')) await followImports(join(dirname(script), name), scripts, packages);
    else if (!isBuiltin(name)) await followPackage(packageName(name), dirname(script), packages);
  }
}

async function followPackage(name: string, from: string, packages: Set<string>): Promise<void> {
  const folder = installed(name, from);
  if (packages.has(folder)) return;
  packages.add(folder);
  const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const one of Object.keys(dependencies)) await followPackage(one, folder, packages);
}

function installed(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
    if (dirname(folder) === folder) throw new Error(`the package ${name} is not installed`);
  }
}

// Without it Node treats the scripts as CommonJS.
function nearestPackage(folder: string): string[] {
  const file = join(folder, 'package.json');
  if (existsSync(file)) return [file];
  return dirname(folder) === folder ? [] : nearestPackage(dirname(folder));
}

async function codeBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : codeBelow(path);
      return /\.(js|cjs|mjs|json)$/.test(entry.name) ? [path] : [];
    }),
  );
  return found.flat();
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
