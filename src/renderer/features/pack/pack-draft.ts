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

/** A file at an address, with its digest and perhaps another name. */
export type UrlFields = Files['urls'][number];

/** The form values of a signature that is asked for: by a key, by an identity, or none. */
export interface SignerFields {
  by: '' | 'key' | 'identity';
  cosignKey: string;
  identity: string;
  issuer: string;
  trustRoot: string;
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
  /** Of an image from its registry: who is asked instead. */
  mirror: string;
  /** Of an image from a path or its registry. */
  signer: SignerFields;
  /** Of a model, or of an image from a file or folder. */
  path: string;
  /** Of a model on the Hub; a path overrides it. */
  repository: string;
  quantisation: string;
  /** Of a model in Ollama's store; a path or a repository overrides it. */
  tag: string;
  /** Of a file set. */
  paths: string[];
  urls: UrlFields[];
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

/** The form values of an image whose signature nobody asks for. */
const noSigner: SignerFields = { by: '', cosignKey: '', identity: '', issuer: '', trustRoot: '' };

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
    tag: '',
    mirror: '',
    signer: noSigner,
    paths: [''],
    urls: [],
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
function weightsOf({ path, repository, quantisation, tag, kept }: Entry): Record<string, unknown> {
  const { store, urls, ...ofHub } = kept;
  if (path.trim() !== '') return { path };
  if (repository.trim() !== '') return { from: 'hub', repository, ...filled({ quantisation }), ...ofHub };
  if (tag.trim() === '' && urls !== undefined) return { urls };
  return tag.trim() === '' ? { path } : { from: 'ollama', tag, ...(store !== undefined && { store }) };
}

const sourceOf: Record<Entry['source'], (entry: Entry) => Record<string, unknown>> = {
  path: ({ path, signer }) => ({ path, ...verifyOf(signer) }),
  engine: () => ({ engine: 'docker' }),
  registry: ({ mirror, signer }) => ({ from: 'registry', ...filled({ mirror }), ...verifyOf(signer) }),
};

/** Also what is empty, so that its field is refused. */
function verifyOf({ by, cosignKey, ...keyless }: SignerFields): Record<string, unknown> {
  if (by === '') return {};
  return { verify: by === 'key' ? { cosignKey } : keyless };
}

function filesOf(entry: Entry): Record<string, unknown> {
  const { kind, name, paths, urls, charts, provides, system, version, architecture } = entry;
  return {
    ...{ kind, name, paths: paths.filter((one) => one.trim() !== '') },
    ...(urls.length > 0 && { urls }),
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
        tag: one.tag ?? '',
        kept: sourceFields(one),
        licence,
        publisher: one.publisher ?? '',
        serve: one.serve ?? '',
        packAnyway: one.packAnyway ?? '',
      });
    const { reference, platform, path = '', engine, from, mirror = '', verify } = one;
    const source = from ?? (engine ? 'engine' : 'path');
    return newEntry(kind, { reference, platform, path, source, licence, mirror, signer: signerOf(verify) });
  });
  const needs = { gitlab: requirements.gitlab ?? '', note: requirements.note ?? '' };
  return { name, ...needs, installers: installers ?? '', ...(network && { network }), entries };
}

function signerOf(verify: Extract<Content, { kind: 'image' }>['verify']): SignerFields {
  if (!verify) return noSigner;
  const { cosignKey = '', identity = '', issuer = '', trustRoot = '' } = verify;
  return { by: cosignKey === '' ? 'identity' : 'key', cosignKey, identity, issuer, trustRoot };
}

function filesEntry(one: Files): Entry {
  const { kind, name, paths, urls, charts, debian, licence = '', provides = '', for: system } = one;
  const [{ address = '', suites = [], keyring = '' } = {}] = debian?.sources ?? [];
  const packages = debian?.packages.join(' ') ?? '';
  return newEntry(kind, {
    ...{ name, paths, urls, charts, licence, provides, ...system },
    debian: { packages, address, suites: suites.join(' '), keyring },
    kept: { ...(debian && { debian }) },
  });
}

function sourceFields({ revision, include, exclude, store, urls }: Extract<Content, { kind: 'model' }>): Entry['kept'] {
  const given = Object.entries({ revision, include, exclude, store, urls });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Returns the name of an entry as plans use it. */
export function nameOf(entry: Entry): string {
  return entry.kind === 'image' ? entry.reference : entry.name;
}
