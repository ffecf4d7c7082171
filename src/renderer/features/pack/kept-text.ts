import type { FilesSpec, ModelSpec } from '../../../shared/bundle-spec.ts';
import { packText } from '../../text/pack.ts';
import type { Entry } from './pack-draft.ts';

type Kept = Partial<Omit<ModelSpec, 'kind'> & Omit<FilesSpec, 'kind'>>;
const text = packText.kept;

/** Returns a line for each thing that a loaded description says about an entry and the form has no field for. */
export function keptText({ kind, kept }: Entry): string[] {
  const { store, revision, include, exclude, urls, debian } = kept as Kept;
  if (kind === 'model') {
    return [
      ...(store === undefined ? [] : [text.store(store)]),
      ...(revision === undefined ? [] : [text.revision(revision)]),
      ...(include ? [text.include(include.join(', '))] : []),
      ...(exclude ? [text.exclude(exclude.join(', '))] : []),
      ...(urls ?? []).map(({ url }) => text.url(url)),
    ];
  }
  return [
    ...(debian?.sources.slice(1) ?? []).map(({ address, suites }) => text.source(address, suites.join(' '))),
    ...(debian?.withBase ? [text.withBase] : []),
  ];
}
