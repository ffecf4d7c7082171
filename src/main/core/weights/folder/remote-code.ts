import { folderOf } from '../file-names.ts';
import type { ModelFolder } from './model-files.ts';

/** Returns the classes that `auto_map` of a configuration looks for in another repository (`owner/name--module.Class`). */
export function codeElsewhere(folder: ModelFolder): string[] {
  return mappedClasses(folder).filter((one) => one.includes('--'));
}

/** Returns the Python files that `auto_map` names, or that one of them imports, and that the folder lacks. */
export function absentCode(folder: ModelFolder): string[] {
  const present = new Set(folder.files.map((file) => file.name));
  const modules = mappedClasses(folder)
    .filter((one) => !one.includes('--') && one.includes('.'))
    .map((one) => `${one.slice(0, one.lastIndexOf('.')).replaceAll('.', '/')}.py`);
  const wanted = new Set(modules);
  // Grows while it is walked: an imported file may import others.
  for (const name of wanted) for (const module of folder.imports?.get(name) ?? []) wanted.add(`${module}.py`);
  return [...wanted].filter((name) => !present.has(name)).sort();
}

function mappedClasses({ json }: ModelFolder): string[] {
  const configs = [...json].filter(([name]) => folderOf(name) === '').map(([, config]) => config);
  return [...new Set(configs.flatMap((config) => autoMaps(config)).flatMap(textsIn))].sort();
}

/* Parts of a configuration, such as that of the text model, may have a map of their own. */
function autoMaps(config: unknown, depth = 0): unknown[] {
  if (typeof config !== 'object' || config === null || depth > 3) return [];
  return Object.entries(config).flatMap(([key, value]) => (key === 'auto_map' ? [value] : autoMaps(value, depth + 1)));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
