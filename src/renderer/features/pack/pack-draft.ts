import type { BundleSpec } from '../../../shared/bundle-spec.ts';
import type { PackageUse } from '../../../shared/carried-packages.ts';
import type { ChartSpec } from '../../../shared/fetched-files.ts';
import type { SiteNeeds } from '../../../shared/site-needs.ts';

type Content = BundleSpec['contents'][number];
type Files = Extract<Content, { kind: 'files' }>;

/** The form values of packages from a Debian or Ubuntu repository; lists have spaces between their items. */
export interface DebianFields {
  packages: string;
  address: string;
  suites: string;
  keyring: string;
}

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
  /** Of a model on the Hub; a path overrides it. */
  repository: string;
  quantisation: string;
  /** Of a file set. */
  paths: string[];
  charts: ChartSpec[];
  /** Without names of packages, none are fetched. */
  debian: DebianFields;
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
    repository: '',
    quantisation: '',
    paths: [''],
    charts: [],
    debian: { packages: '', address: '', suites: '', keyring: '' },
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
  const { kind, name, reference, platform, source } = entry;
  const licence = filled({ licence: entry.licence });
  if (kind === 'files') return { ...filesOf(entry), ...licence };
  if (kind === 'model') {
    const { publisher, serve, packAnyway } = entry;
    return { kind, name, ...weightsOf(entry), ...licence, ...filled({ publisher, serve, packAnyway }) };
  }
  return {
    kind,
    reference,
    ...sourceOf[source](entry),
    ...filled({ platform }),
    ...licence,
  };
}

/** What the person typed wins over what the description had. */
function weightsOf({ path, repository, quantisation, kept }: Entry): Record<string, unknown> {
  const { from: _from, tag: _tag, store: _store, ...ofHub } = kept;
  if (path.trim() !== '') return { path };
  if (repository.trim() !== '') return { from: 'hub', repository, ...filled({ quantisation }), ...ofHub };
  return Object.keys(kept).length === 0 ? { path } : kept;
}

const sourceOf: Record<Entry['source'], (entry: Entry) => Record<string, unknown>> = {
  path: ({ path, kept: { verify } }) => ({ path, ...(verify !== undefined && { verify }) }),
  engine: () => ({ engine: 'docker' }),
  registry: ({ kept }) => ({ from: 'registry', ...kept }),
};

function filesOf(entry: Entry): Record<string, unknown> {
  const { kind, name, paths, charts, provides, system, version, architecture, kept } = entry;
  const { debian: _debian, ...rest } = kept;
  return {
    ...{ kind, name, paths: paths.filter((one) => one.trim() !== ''), ...rest },
    ...(charts.length > 0 && { charts }),
    ...(provides !== '' && { ...debianOf(entry), provides, for: { system, version, architecture } }),
  };
}

/** The form shows the first repository; what else the description has is kept. */
function debianOf({ debian: { packages, address, suites, keyring }, kept }: Entry): Record<string, unknown> {
  const names = words(packages);
  if (names.length === 0) return {};
  const known = kept.debian as Files['debian'];
  const [{ keyring: _keyring, ...first } = {}, ...others] = known?.sources ?? [];
  const shown = { ...first, address, suites: words(suites), ...filled({ keyring }) };
  return { debian: { ...known, packages: names, sources: [shown, ...others] } };
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((one) => one !== '');
}

function filled(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value.trim() !== ''));
}

/** Converts a `BUNDLE.yaml` to form values. */
export function draftOf({ name, requirements, installers, network, contents }: BundleSpec): Draft {
  const entries = contents.map((one) => {
    const { kind, licence = '' } = one;
    if (one.kind === 'files') return filesEntry(one);
    if (one.kind === 'model')
      return newEntry(kind, {
        name: one.name,
        path: one.path ?? '',
        repository: one.repository ?? '',
        quantisation: one.quantisation ?? '',
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

function filesEntry(one: Files): Entry {
  const { kind, name, paths, charts, debian, licence = '', provides = '', for: system, ...rest } = one;
  const [{ address = '', suites = [], keyring = '' } = {}] = debian?.sources ?? [];
  const packages = debian?.packages.join(' ') ?? '';
  return newEntry(kind, {
    ...{ name, paths, charts, licence, provides, ...system },
    debian: { packages, address, suites: suites.join(' '), keyring },
    kept: { ...rest, ...(debian && { debian }) },
  });
}

function sourceFields({
  from,
  revision,
  include,
  exclude,
  tag,
  store,
}: Extract<Content, { kind: 'model' }>): Entry['kept'] {
  const ollama = from === 'ollama' ? { from, tag, store } : {};
  const given = Object.entries({ ...ollama, revision, include, exclude });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Returns the name of an entry as plans use it. */
export function nameOf(entry: Entry): string {
  return entry.kind === 'image' ? entry.reference : entry.name;
}
