import type { HubModelSpec } from '../../../../shared/bundle-spec.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { HubFile } from './hub.ts';

/** How publishers name quantisations in the names of GGUF files or of folders with them: `Q4_K_M`, `IQ3_XXS`, `UD-Q4_K_XL`, `BF16`. */
const quantisation = /(?:^|[-._/])((?:UD-)?(?:I?Q\d\w*|TQ\d\w*|MXFP4\w*|BF16|F16|F32))(?=[-._/]|$)/gi;
const gguf = /\.gguf$/i;

/**
 * Leaves only one quantisation of a repository of GGUF files: all its shards, and every file that is no GGUF or has no quantisation in its
 * name. Throws `pack.no-quantisation`, which names those that exist.
 */
export function ofQuantisation({ quantisation: wanted }: HubModelSpec, files: HubFile[], hub: string): HubFile[] {
  if (wanted === undefined) return files;
  const isWanted = (one: string | undefined) => one?.toLowerCase() === wanted.toLowerCase();
  const found = files.map(({ name }) => (gguf.test(name) ? quantisationOf(name) : undefined));
  if (found.some(isWanted)) return files.filter((_, at) => found[at] === undefined || isWanted(found[at]));
  const known = [...new Set(found.filter((one) => one !== undefined))].sort();
  throw appError('pack.no-quantisation', { repository: hub, wanted, known });
}

/** The last one counts: a folder stands before the file. */
function quantisationOf(name: string): string | undefined {
  return [...name.replace(gguf, '').matchAll(quantisation)].at(-1)?.[1];
}
