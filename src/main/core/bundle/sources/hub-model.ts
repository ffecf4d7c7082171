import { basename, dirname } from 'node:path/posix';
import { boundedText, fewNames } from '../../../../shared/bounded-text.ts';
import type { HubModelSpec } from '../../../../shared/bundle-spec.ts';
import { clashingPaths, contentPathProblem } from '../../../../shared/content-path.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { isPlainLine } from '../../../../shared/plain-text.ts';
import { type BlobSource, type ContentSource, sourceText } from './content-source.ts';
import { Hub, type HubFile, type HubRevision } from './hub.ts';
import { type HubSketch, sketchModel } from './hub-sketch.ts';
import { finishModel, perFileBytes, roleOf } from './model.ts';
import { pinned } from './pins.ts';
import { ofQuantisation } from './quantisation.ts';
import type { RemoteSources } from './remote-sources.ts';
import { judgeSketch } from './sketch.ts';

const maxFiles = 5000;
const pickle = /\.(bin|pt|pth|ckpt|pkl|pickle)$/i;
/** The weights of a model as PyTorch names them, whole or a shard; not those of an adapter or an optimiser. */
const pickledModel = /^pytorch_model([.-].*)?\.bin$/;
/** The index of a model's shards: the start of their names, and their ending. */
const shardIndex = /^(.*)(\.[a-z]+)\.index\.json$/i;

/**
 * Opens a model on the Hub: one commit of it, judged like a folder. The weights are fetched while packing. Throws `remote.*`, and what a
 * folder is refused for.
 */
export async function openHubModel(spec: HubModelSpec, remote: RemoteSources): Promise<ContentSource> {
  const { revision = 'main', repository } = spec;
  const hub = await Hub.open(spec, remote);
  const pinName = `${hub.name}@${revision}`;
  let found: HubRevision | undefined;
  const commit = await pinned(remote.pins, pinName, async () => {
    found = await hub.revision(revision);
    return found.commit;
  });
  const { changedMs, licence: stated } = found ?? (await hub.revision(commit));
  const { files, pickles, indices } = withoutPickles(
    spec,
    chosenFiles(spec, ofQuantisation(spec, await hub.files(commit), hub.name), hub.name),
    hub.name,
  );
  const sketch = await sketchModel({ hub, commit, files }, remote);
  try {
    const judged = await judgeSketch(spec, sketch.folder, hub.name);
    const kept = new Set(judged.files.map(({ name }) => name));
    const parts = files.filter(({ name }) => kept.has(name)).map((file) => partOf(hub, commit, file, sketch));
    const licence =
      spec.licence ?? (stated !== undefined && isPlainLine(stated) ? boundedText(stated, 200) : undefined);
    const described = {
      ...spec,
      publisher: spec.publisher ?? repository.split('/', 1).join(''),
      ...(licence && { licence }),
    };
    return {
      kind: 'model',
      name: spec.name,
      source: sourceText(`${hub.name}@${commit}`),
      origins: [{ url: hub.treeUrl(commit), digest: `gitcommit:${commit}` }],
      ...(licence && { licence }),
      ...(judged.packedAnyway && { packedAnyway: judged.packedAnyway }),
      isPublisherDigest: false,
      blobs: parts.map(({ blob }) => blob),
      roots: [],
      madeBytes: 4096 + parts.length * perFileBytes,
      pins: [{ name: pinName, value: commit }],
      notes: [...judged.notes, ...leftOut(hub.name, pickles, indices)],
      finish: (digestOf) =>
        finishModel(
          { spec: described, files: parts.map(({ part }) => part), served: judged.served, createdMs: changedMs },
          digestOf,
        ),
    };
  } finally {
    await sketch.remove();
  }
}

function partOf(hub: Hub, commit: string, file: HubFile, { digests, fetched: kept }: HubSketch) {
  const fetched = kept.get(file.name);
  const range = { ...hub.range(commit, file), ...(fetched && { fetched }) };
  const digest = digests.get(file.name);
  if (digest === undefined) throw new Error(`${file.name} has no digest`);
  const blob: BlobSource = { key: digest, digest, range, access: hub.access };
  return { blob, part: { name: file.name, key: digest, sizeBytes: file.sizeBytes } };
}

/** The files to pack: names with a dot in front are left out, as in a folder. Throws `remote.absent`, `pack.unfit-name`, `input.invalid`. */
function chosenFiles({ include, exclude, name }: HubModelSpec, all: HubFile[], hub: string): HubFile[] {
  const files = all
    .filter((file) => !file.name.split('/').some((part) => part.startsWith('.')))
    .filter((file) => (!include || matches(include, file.name)) && !(exclude && matches(exclude, file.name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (files.length === 0) throw appError('pack.nothing-there', { path: hub });
  if (files.length > maxFiles) {
    const issue = `it has ${files.length} files, and one content takes ${maxFiles}: choose with include and exclude`;
    throw appError('input.invalid', { what: `contents "${name}"`, issues: [issue] });
  }
  for (const file of files) {
    const reason = contentPathProblem(file.name);
    if (reason) throw appError('pack.unfit-name', { path: file.name, reason });
  }
  const [other, clash] = clashingPaths(files.map((file) => file.name)) ?? [];
  if (clash === undefined) return files;
  throw appError('pack.unfit-name', { path: clash, reason: `some filesystems take it for the same as ${other}` });
}

/**
 * Pickle can run any code when it is loaded, so it is taken only by its ending: `include: ["*.bin"]`. The index of a form of the weights goes
 * with its files: alone, it promises files that are not there. Throws `pack.only-pickles`.
 */
function withoutPickles({ include = [] }: HubModelSpec, all: HubFile[], hub: string) {
  const named = include.filter((pattern) => pickle.test(pattern));
  const isLeft = ({ name }: HubFile) => pickle.test(name) && !matches(named, name);
  const pickles = all.filter(isLeft).map(({ name }) => name);
  const chosen = all.filter((file) => !isLeft(file));
  const files = chosen.filter(({ name }) => !isIndexOfNone(name, chosen));
  const indices = chosen.filter((file) => !files.includes(file)).map(({ name }) => name);
  const hasWeights = files.some(({ name }) => roleOf(name) === 'weight');
  if (!hasWeights && pickles.length > 0) throw appError('pack.only-pickles', { repository: hub, names: pickles });
  return { files, pickles, indices };
}

function isIndexOfNone(name: string, files: HubFile[]): boolean {
  const [, start = '', ending = ''] = shardIndex.exec(name) ?? [];
  // Safetensors are missed, unless the same weights are there as pickles.
  const isInPickles = (one: HubFile) => dirname(one.name) === dirname(name) && pickledModel.test(basename(one.name));
  const isSpare = pickle.test(ending) || (ending === '.safetensors' && files.some(isInPickles));
  return isSpare && !files.some((one) => one.name.startsWith(start) && one.name.endsWith(ending));
}

function leftOut(hub: string, pickles: string[], indices: string[]): string[] {
  const why = 'which are in a form that can run code when it is loaded';
  return [
    ...(pickles.length > 0
      ? [`Left out of ${hub}: ${fewNames(pickles)}, ${why}. To pack them, name their ending under include.`]
      : []),
    ...(indices.length > 0 ? [`Left out of ${hub}: ${fewNames(indices)}, an index of files that are not packed.`] : []),
  ];
}

function matches(patterns: string[], name: string): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(name);
  });
}
