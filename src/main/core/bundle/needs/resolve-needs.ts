import { type BundleSpec, checkBundleSpec, type FilesSpec, type ImageSpec } from '../../../../shared/bundle-spec.ts';
import type { NeededContent, WorkedOut } from '../../../../shared/contract/needs.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { fullReference, nameAndTag } from '../../../../shared/image-reference.ts';
import type { Machine } from '../../../../shared/machine.ts';
import { notBrought } from '../../hardware/missing-packages.ts';
import type { Work } from '../../work.ts';
import type { Pin } from '../sources/content-source.ts';
import { type Moved, pinned } from '../sources/pins.ts';
import type { LoadedSpec } from '../sources/read-bundle-spec.ts';
import { Registry } from '../sources/registry.ts';
import { openRemote, type RemoteSources } from '../sources/remote-sources.ts';
import type { NeededImage } from './needed-images.ts';
import { needsQuestion } from './needs-question.ts';
import { workOut } from './work-out.ts';

/** A description whose contents are all named, and what was worked out for it. */
export interface ResolvedSpec {
  loaded: LoadedSpec;
  /** Absent for a description without `site`. */
  needs?: WorkedOut;
}

/**
 * Replaces the `site` of a description with ordinary contents, so that packing knows only one kind of description. What `contents` names
 * already is not added again. Asks the registries for the newest patches, which the lock file then keeps. Throws `needs.contradict`,
 * `gitlab.version-*`, `remote.*`.
 */
export async function resolveNeeds(
  loaded: LoadedSpec,
  { machine, resources, moved }: { machine?: Machine | undefined; resources: string; moved?: Moved | undefined },
  work: Work,
): Promise<ResolvedSpec> {
  const { site, ...rest } = loaded.spec;
  if (!site) return { loaded };
  work.step('needs', 'Working out what the site needs');
  const rough = workOut(await needsQuestion(site, machine, resources));
  const models = rough.models.filter(({ entry }) => !names(loaded.spec, entry.repository));
  const wanted = rough.images.filter(({ repository }) => !names(loaded.spec, repository));
  const uses = machine ? notBrought(machine, packageSets(loaded.spec)) : [];
  const lacking = rough.packages.filter(({ entry }) => uses.includes(entry.provides));
  const packages = lacking.filter((one) => !one.byHand);
  const variants = rough.variants.filter(({ entry }) => !hasFiles(loaded.spec, entry));
  const { images, pins } = await findTags(wanted, loaded, moved, work);
  const spec = checked({
    ...rest,
    requirements: { ...rest.requirements, gitlab: site.gitlab },
    contents: [...rest.contents, ...[...images, ...models, ...packages, ...variants].map(({ entry }) => entry)],
  });
  const contents = [...images, ...models, ...packages, ...variants].map(({ about }) => about);
  const byHand = [
    ...rough.byHand.filter(({ repository }) => !names(loaded.spec, repository)),
    ...lacking.flatMap((one) => one.byHand ?? []),
  ];
  return {
    loaded: { ...loaded, spec, pins },
    needs: { contents, byHand: byHand.map(({ title, how }) => ({ title, how })), notes: rough.notes },
  };
}

/** True when the contents have an image or a model from this repository. */
function names({ contents }: BundleSpec, repository: string | undefined): boolean {
  return contents.some((one) => {
    if (one.kind === 'image') return nameAndTag(fullReference(one.reference)).name === repository;
    return one.kind === 'model' && repository !== undefined && one.repository === repository;
  });
}

/** True when the contents have a file set of that name, or the first of its files. */
function hasFiles({ contents }: BundleSpec, { name, urls: [first] }: FilesSpec): boolean {
  return contents.some(
    (one) => one.kind === 'files' && (one.name === name || one.urls.some(({ sha256 }) => sha256 === first?.sha256)),
  );
}

/** Returns the file sets of a description that have packages. */
export function packageSets({ contents }: BundleSpec) {
  return contents.flatMap((one) =>
    one.kind === 'files' && one.provides && one.for
      ? [{ name: one.name, packages: { provides: one.provides, ...one.for } }]
      : [],
  );
}

interface FoundImage {
  entry: ImageSpec;
  about: NeededContent;
}

async function findTags(wanted: NeededImage[], loaded: LoadedSpec, moved: Moved | undefined, work: Work) {
  const remote = await openRemote(loaded, work.signal, { moved, say: (line) => work.log(line) });
  const images: FoundImage[] = [];
  const pins: Pin[] = [];
  try {
    for (const image of wanted) {
      const pin = image.tag.includes('*') ? await newestTag(image, remote) : undefined;
      if (pin) pins.push(pin);
      images.push(foundImage(image, pin?.value ?? image.tag));
    }
  } finally {
    await remote.hosts.close();
  }
  return { images, pins };
}

function foundImage(image: NeededImage, tag: string): FoundImage {
  const { repository, platform, licence, title, why, bytes, source } = image;
  const reference = `${repository}:${tag}`;
  return {
    entry: { kind: 'image', from: 'registry', reference, platform, ...(licence && { licence }) },
    about: { kind: 'image', name: reference, title, why, bytes: bytes ?? null, licence: licence ?? null, source },
  };
}

/** Returns the tag with the highest number in place of the *, as the lock file has it. Throws `remote.*`. */
async function newestTag({ repository, tag, platform }: NeededImage, remote: RemoteSources): Promise<Pin> {
  const [start = '', end = ''] = tag.split('*');
  const reference = `${repository}:${start}0${end}`;
  const asked = { kind: 'image', from: 'registry', reference, platform } as const;
  const registry = await Registry.open(asked, remote, `the newest ${repository}:${tag}`);
  const name = `${registry.name}:${tag}`;
  const newest = async () => `${start}${await highest(registry, start, end, name)}${end}`;
  return { name, value: await pinned(remote.pins, name, newest) };
}

async function highest(registry: Registry, start: string, end: string, what: string): Promise<number> {
  const numbers = (await registry.tags(start))
    .filter((one) => one.endsWith(end))
    .map((one) => one.slice(start.length, one.length - end.length))
    .filter((number) => /^\d{1,6}$/.test(number))
    .map(Number);
  if (numbers.length > 0) return Math.max(...numbers);
  throw appError('remote.absent', { host: new URL(registry.access.origin).host, what, near: [] });
}

function checked(spec: BundleSpec): BundleSpec {
  const result = checkBundleSpec(spec);
  if ('spec' in result) return result.spec;
  const issues = result.problems.map(({ path, problem }) => `${path.join('.')}: ${problem}`);
  throw appError('input.invalid', { what: 'the contents with those for the site', issues });
}
