import type { BundleSpec } from '../../../shared/bundle-spec.ts';
import type { PackageUse } from '../../../shared/carried-packages.ts';
import type { SiteNeeds } from '../../../shared/site-needs.ts';

type Content = BundleSpec['contents'][number];

/** The form values of one item. Fields of other kinds keep what was typed. */
export interface Entry {
  /** Identifies the entry when others are removed. */
  id: number;
  kind: Content['kind'];
  /** Of a model or a file set. */
  name: string;
  /** Of an image. */
  reference: string;
  platform: string;
  /** Source of an image. */
  source: 'path' | 'engine' | 'registry';
  /** Of a model, or of an image from a file or folder. */
  path: string;
  /** Of a file set. */
  paths: string[];
  /** Of a file set with packages: what they install, and the distribution that they are for. */
  provides: PackageUse | '';
  system: string;
  version: string;
  architecture: string;
  licence: string;
  publisher: string;
  /** Of a model folder with several GGUF models: the one to serve. */
  serve: string;
  /** Of a model that no engine can load as it is: why it is packed. */
  packAnyway: string;
  /** What its description has and the form does not show. */
  kept: Record<string, unknown>;
}

/** The form values of a bundle. */
export interface Draft {
  name: string;
  gitlab: string;
  note: string;
  /** Folder with packages of Sealift. */
  installers: string;
  /** How registries are reached; the form does not show it. */
  network?: BundleSpec['network'];
  entries: Entry[];
}

/** What the site is, besides its GitLab version. */
export interface Site extends Pick<SiteNeeds, 'engine' | 'features'> {
  users: number | '';
  /** What a loaded description says besides, and the form does not show. */
  kept: Partial<SiteNeeds>;
}

/** Everything that is entered on the packing screen before a plan. */
export interface PackForm {
  draft: Draft;
  site: Site;
  /** Folders to write to, one per medium. */
  targets: string[];
  /** What the site has, which is left out: a path, or empty. */
  base: string;
  overwrite: boolean;
  plainFolders: boolean;
}

let lastId = 0;

/** Returns a new entry, empty except for the given values. */
export function newEntry(kind: Entry['kind'], given: Partial<Entry> = {}): Entry {
  lastId += 1;
  const empty = {
    name: '',
    reference: '',
    platform: 'linux/amd64',
    path: '',
    paths: [''],
    provides: '' as const,
    system: '',
    version: '',
    architecture: 'x64',
    licence: '',
    publisher: '',
    serve: '',
    packAnyway: '',
    kept: {},
  };
  return { ...empty, source: 'path', ...given, id: lastId, kind };
}

/** Converts the form to a `BUNDLE.yaml`, which the core validates. */
export function specOf({ name, gitlab, note, installers, network, entries }: Draft): Record<string, unknown> {
  const requirements = { ...filled({ gitlab, note }) };
  return {
    bundle: 1,
    name,
    ...(Object.keys(requirements).length > 0 && { requirements }),
    ...filled({ installers }),
    ...(network && { network }),
    contents: entries.map(contentOf),
  };
}

function contentOf(entry: Entry): Record<string, unknown> {
  const { kind, name, reference, platform, source, path } = entry;
  const licence = filled({ licence: entry.licence });
  if (kind === 'files') return { ...filesOf(entry), ...licence };
  if (kind === 'model') {
    const { publisher, serve, packAnyway, kept } = entry;
    // What the person typed wins over what the description had.
    const from = path.trim() !== '' || Object.keys(kept).length === 0 ? { path } : kept;
    return { kind, name, ...from, ...licence, ...filled({ publisher, serve, packAnyway }) };
  }
  return {
    kind,
    reference,
    ...sourceOf[source](entry),
    ...filled({ platform }),
    ...licence,
  };
}

const sourceOf: Record<Entry['source'], (entry: Entry) => Record<string, unknown>> = {
  path: ({ path }) => ({ path }),
  engine: () => ({ engine: 'docker' }),
  registry: ({ kept }) => ({ from: 'registry', ...kept }),
};

function filesOf({ kind, name, paths, provides, system, version, architecture, kept }: Entry): Record<string, unknown> {
  const files = { kind, name, paths: paths.filter((one) => one.trim() !== ''), ...kept };
  return provides === '' ? files : { ...files, provides, for: { system, version, architecture } };
}

function filled(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value.trim() !== ''));
}

/** Converts a `BUNDLE.yaml` to form values. */
export function draftOf({ name, requirements, installers, network, contents }: BundleSpec): Draft {
  const entries = contents.map((one) => {
    const { kind, licence = '' } = one;
    if (one.kind === 'files') {
      const { kind: _kind, name, paths, licence: _licence, provides = '', for: system, ...kept } = one;
      return newEntry(kind, { name, paths, licence, provides, ...system, kept });
    }
    if (one.kind === 'model')
      return newEntry(kind, {
        name: one.name,
        path: one.path ?? '',
        kept: sourceFields(one),
        licence,
        publisher: one.publisher ?? '',
        serve: one.serve ?? '',
        packAnyway: one.packAnyway ?? '',
      });
    const { kind: _kind, reference, platform, path = '', engine, from, licence: _licence, ...kept } = one;
    const source = from ?? (engine ? 'engine' : 'path');
    return newEntry(kind, { reference, platform, path, source, licence, kept });
  });
  const needs = { gitlab: requirements.gitlab ?? '', note: requirements.note ?? '' };
  return { name, ...needs, installers: installers ?? '', ...(network && { network }), entries };
}

function sourceFields({
  from,
  repository,
  revision,
  quantisation,
  include,
  exclude,
  tag,
  store,
}: Extract<Content, { kind: 'model' }>): Entry['kept'] {
  const given = Object.entries({ from, repository, revision, quantisation, include, exclude, tag, store });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Returns the name of an entry as plans use it. */
export function nameOf(entry: Entry): string {
  return entry.kind === 'image' ? entry.reference : entry.name;
}
