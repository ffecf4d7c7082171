import { folderOf, partOf } from '../file-names.ts';
import { weightIndex } from './missing-parts.ts';
import type { ModelFolder } from './model-files.ts';

/** Returns, in words, which parts of a model are not those of one and the same model, or carry another part's name. */
export function mixedShards(folder: ModelFolder, spare: ReadonlySet<string>): string[] {
  return [...absentTensors(folder), ...copies(folder, spare), ...misnumbered(folder)];
}

/** Returns shards of an index with tensors that it does not list there, in words: engines differ in what they do with those. */
export function unlistedTensors(folder: ModelFolder): string[] {
  return indices(folder).flatMap(({ name, listed }) =>
    [...listed].flatMap(([shard, tensors]) => {
      const more = folder.tensors?.get(shard)?.filter((one) => !tensors.has(one)) ?? [];
      return more.length > 0 ? [`${shard} has ${few(more)}, not listed in ${name}`] : [];
    }),
  );
}

function absentTensors(folder: ModelFolder): string[] {
  return indices(folder).flatMap(({ name, listed }) =>
    [...listed].flatMap(([shard, tensors]) => {
      const present = folder.tensors?.get(shard);
      const has = new Set(present);
      const absent = present ? [...tensors].filter((one) => !has.has(one)) : [];
      return absent.length > 0 ? [`${shard} lacks ${few(absent)}, listed in ${name}`] : [];
    }),
  );
}

/** The indices of a folder, each with its shards and the tensors that it lists in them. */
function indices({ json }: ModelFolder): { name: string; listed: Map<string, Set<string>> }[] {
  return [...json].flatMap(([name, value]) => {
    const index = name.endsWith('.safetensors.index.json') ? weightIndex.safeParse(value).data : undefined;
    if (!index) return [];
    const listed = new Map<string, Set<string>>();
    for (const [tensor, shard] of Object.entries(index.weight_map)) {
      const path = folderOf(name) + shard;
      listed.set(path, (listed.get(path) ?? new Set()).add(tensor));
    }
    return [{ name, listed }];
  });
}

/* Without an index, a part that exists under two numbers is found by its tensors. */
function copies({ tensors = new Map() }: ModelFolder, spare: ReadonlySet<string>): string[] {
  const first = new Map<string, string>();
  return [...tensors].flatMap(([name, names]) => {
    const set = partOf(name)?.nameOf(1);
    if (set === undefined || spare.has(name) || names.length === 0) return [];
    const key = JSON.stringify([set, ...[...names].sort()]);
    const other = first.get(key);
    first.set(key, other ?? name);
    return other === undefined ? [] : [`${name} has the same tensors as ${other}`];
  });
}

/* llama.cpp compares the number in a part's header with its name, and the tensors of all parts with their promised sum. */
function misnumbered({ ggufs }: ModelFolder): string[] {
  const found: string[] = [];
  const sums = new Map<string, { wanted: number | undefined; tensors: number }>();
  for (const [name, { part, parts, tensors, tensorsOfAll }] of ggufs) {
    const named = partOf(name);
    if (!named || parts !== named.count) continue;
    if (part !== undefined && part !== named.no) found.push(`${name} is part ${part} by its header`);
    const sum = sums.get(named.nameOf(1)) ?? { wanted: tensorsOfAll, tensors: 0 };
    sums.set(named.nameOf(1), { ...sum, tensors: sum.tensors + (tensors ?? 0) });
  }
  for (const [name, { wanted, tensors }] of sums)
    if (wanted !== undefined && wanted !== tensors)
      found.push(`the parts of ${name} have ${tensors} tensors, and should have ${wanted}`);
  return found;
}

function few([first = '', ...more]: readonly string[]): string {
  return more.length > 0 ? `${first} and ${more.length} more tensors` : `the tensor ${first}`;
}
