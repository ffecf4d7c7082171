import type { FilesSpec, ImageSpec, ModelSpec } from '../../../shared/bundle-spec.ts';
import { packText } from '../../text/pack.ts';
import type { Entry } from './pack-draft.ts';

type Kept = Partial<Omit<ModelSpec, 'kind'> & Omit<FilesSpec, 'kind'> & Omit<ImageSpec, 'kind'>>;
const text = packText.kept;

/** Returns a line for each thing that a loaded description says about an entry and the form has no field for. */
export function keptText({ kind, source, repository, kept }: Entry): string[] {
  const { tag, store, revision, include, exclude, mirror, verify, urls = [], debian } = kept as Kept;
  if (kind === 'model') {
    return [
      ...(repository === '' && tag !== undefined ? [packText.fromOllama(tag)] : []),
      ...(store === undefined ? [] : [text.store(store)]),
      ...(revision === undefined ? [] : [text.revision(revision)]),
      ...(include ? [text.include(include.join(', '))] : []),
      ...(exclude ? [text.exclude(exclude.join(', '))] : []),
    ];
  }
  if (kind === 'image') {
    return [
      ...(mirror !== undefined && source === 'registry' ? [text.mirror(mirror)] : []),
      ...(verify && source !== 'engine' ? [signerText(verify)] : []),
    ];
  }
  return [
    ...urls.map(({ url }) => text.url(url)),
    ...(debian?.sources.slice(1) ?? []).map(({ address, suites }) => text.source(address, suites.join(' '))),
    ...(debian?.withBase ? [text.withBase] : []),
  ];
}

function signerText({ cosignKey, identity = '', issuer = '' }: NonNullable<ImageSpec['verify']>): string {
  return cosignKey === undefined ? text.identity(identity, issuer) : text.key(cosignKey);
}
