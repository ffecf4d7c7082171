import { baseOf, folderOf } from '../file-names.ts';
import { indexedBy } from './missing-parts.ts';
import type { ModelFolder } from './model-files.ts';

const consolidated = /^consolidated[^/]*\.(safetensors|pth|pt)$/i;
const shard = /^model[^/]*\.safetensors$/i;
/* The same weights in another format: `model.fp16.safetensors`. */
const variant = /^model\.[a-z0-9_]+\.safetensors$/i;
const otherFrameworks =
  /^(pytorch_model[^/]*\.bin|model[^/]*\.(bin|pth?)|tf_model[^/]*\.h5|flax_model[^/]*\.msgpack|rust_model\.ot)$/i;

/** The form of a model's weights that is packed, and the files that hold the same weights in another form. */
export interface SpareFiles {
  kept: string;
  names: string[];
}

/**
 * Finds weights that the folder has a second time. Engines that read safetensors load the shards that the configuration and the
 * index describe; the publisher's `consolidated` form and those of other frameworks are copies.
 */
export function spareFiles(folder: ModelFolder): SpareFiles | undefined {
  const names = folder.files.map((file) => file.name);
  const root = names.filter((name) => folderOf(name) === '');
  const indexed = new Set(
    root.filter((name) => /\.safetensors\.index\.json$/.test(name)).flatMap((one) => indexedBy(folder, one)),
  );
  const isVariant = (name: string) => root.includes('model.safetensors') && variant.test(name);
  const shards = root.filter((name) => (indexed.size > 0 ? indexed.has(name) : shard.test(name) && !isVariant(name)));
  const isHub = shards.length > 0 && names.includes('config.json');
  const main = isHub ? shards : root.filter((name) => consolidated.test(name) && /\.safetensors$/i.test(name));
  const [kept] = main;
  if (kept === undefined) return undefined;
  const loaded = new Set(main);
  const spare = names.filter((name) => !loaded.has(name) && isSpare(name, isHub));
  return spare.length === 0 ? undefined : { kept, names: [...spare, ...indicesOf(names, spare)] };
}

function isSpare(name: string, isHub: boolean): boolean {
  const base = baseOf(name);
  // Meta publishes its own form in the folder `original`.
  if (!['', 'original/'].includes(folderOf(name))) return false;
  return consolidated.test(base) || otherFrameworks.test(base) || (isHub && shard.test(base));
}

/* The index of a form goes with its files. */
function indicesOf(names: string[], spare: string[]): string[] {
  const forms = new Set(spare.map((name) => baseOf(name).replace(/(-\d+-of-\d+)?\.[a-z0-9]+$/i, '')));
  return names.filter((name) => {
    const form = /^([^/]*)\.(bin|h5|msgpack)\.index\.json$/.exec(name)?.[1];
    return form !== undefined && forms.has(form);
  });
}
