import type { BundleSpec } from '../../../shared/bundle-spec.ts';

type Content = BundleSpec['contents'][number];

/** One content of a bundle as the form holds it: fields of other kinds keep what was typed. */
export interface Entry {
  /** Tells entries apart while they are moved and removed. */
  id: number;
  kind: Content['kind'];
  /** Of a model or a file set. */
  name: string;
  /** Of an image. */
  reference: string;
  platform: string;
  /** Where an image is taken from. */
  source: 'path' | 'engine';
  /** Of a model, or of an image that lies in a file or folder. */
  path: string;
  /** Of a file set. */
  paths: string[];
  licence: string;
  publisher: string;
}

/** A bundle as the form holds it. */
export interface Draft {
  name: string;
  gitlab: string;
  note: string;
  entries: Entry[];
}

let lastId = 0;

/** An entry of a kind with nothing filled in but what is given. */
export function newEntry(kind: Entry['kind'], given: Partial<Entry> = {}): Entry {
  lastId += 1;
  const empty = { name: '', reference: '', platform: 'linux/amd64', path: '', paths: [''], licence: '', publisher: '' };
  return { ...empty, source: 'path', ...given, id: lastId, kind };
}

/** What the form says as a `BUNDLE.yaml`; whether it is right, the core says. */
export function specOf({ name, gitlab, note, entries }: Draft): Record<string, unknown> {
  const requirements = { ...filled({ gitlab, note }) };
  return {
    bundle: 1,
    name,
    ...(Object.keys(requirements).length > 0 && { requirements }),
    contents: entries.map(contentOf),
  };
}

function contentOf(entry: Entry): Record<string, unknown> {
  const { kind, name, reference, platform, source, path, paths } = entry;
  const licence = filled({ licence: entry.licence });
  if (kind === 'files') return { kind, name, paths: paths.filter((one) => one.trim() !== ''), ...licence };
  if (kind === 'model') return { kind, name, path, ...licence, ...filled({ publisher: entry.publisher }) };
  return {
    kind,
    reference,
    ...(source === 'engine' ? { engine: 'docker' } : { path }),
    ...filled({ platform }),
    ...licence,
  };
}

function filled(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value.trim() !== ''));
}

/** The form for a `BUNDLE.yaml`. */
export function draftOf({ name, requirements, contents }: BundleSpec): Draft {
  const entries = contents.map((one) => {
    const { kind, licence = '' } = one;
    if (one.kind === 'files') return newEntry(kind, { name: one.name, paths: one.paths, licence });
    if (one.kind === 'model')
      return newEntry(kind, { name: one.name, path: one.path, licence, publisher: one.publisher ?? '' });
    const { reference, platform, path = '' } = one;
    return newEntry(kind, { reference, platform, path, source: one.engine ? 'engine' : 'path', licence });
  });
  return { name, gitlab: requirements.gitlab ?? '', note: requirements.note ?? '', entries };
}

/** How an entry is called in a plan. */
export function nameOf(entry: Entry): string {
  return entry.kind === 'image' ? entry.reference : entry.name;
}
