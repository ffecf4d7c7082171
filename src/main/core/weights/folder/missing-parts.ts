import { z } from 'zod';
import { folderOf, partOf, weightName } from '../file-names.ts';
import type { ModelFolder } from './model-files.ts';

/** Schema of the index of a model's shards. */
export const weightIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

/* More parts than any model has; a name may claim anything. */
const maxParts = 10_000;

/** Returns the files that an index, the numbers in file names or a header promise, and the folder lacks. */
export function missingParts(folder: ModelFolder, spare: ReadonlySet<string>): string[] {
  const present = new Set(folder.files.map((file) => file.name));
  const sets = new Set<string>();
  const missing = new Set<string>();
  for (const { name } of folder.files) {
    if (spare.has(name) || missing.size > maxParts) continue;
    for (const promised of [...indexedBy(folder, name), ...numberedWith(name, sets), ...splitInto(folder, name)])
      if (!present.has(promised)) missing.add(promised);
  }
  return [...missing].sort();
}

/** Returns the shards that an index names; empty if the file is no index. */
export function indexedBy({ json }: Pick<ModelFolder, 'json'>, name: string): string[] {
  if (!name.endsWith('.index.json')) return [];
  const index = weightIndex.safeParse(json.get(name));
  return index.success ? Object.values(index.data.weight_map).map((shard) => folderOf(name) + shard) : [];
}

/* Each part of a set promises the same names: `sets` has the first of those that were named. */
function numberedWith(name: string, sets: Set<string>): string[] {
  const part = weightName.test(name) ? partOf(name) : undefined;
  if (!part || part.count > maxParts || sets.has(part.nameOf(1))) return [];
  sets.add(part.nameOf(1));
  return Array.from({ length: part.count }, (_, at) => part.nameOf(at + 1));
}

/* llama.cpp finds the other parts by name, so a renamed part is as good as alone. */
function splitInto({ ggufs }: ModelFolder, name: string): string[] {
  const parts = ggufs.get(name)?.parts ?? 1;
  if (parts === 1 || partOf(name)?.count === parts) return [];
  const start = name.replace(/(-\d{4,6}-of-\d{4,6})?\.gguf$/i, '');
  const digits = (no: number) => String(no).padStart(5, '0');
  const all = Math.min(parts, maxParts);
  return Array.from({ length: all }, (_, at) => `${start}-${digits(at + 1)}-of-${digits(parts)}.gguf`);
}
