import { z } from 'zod';
import { create } from 'zustand';
import { bundleSpec } from '../../../shared/bundle-spec.ts';
import { packageUse } from '../../../shared/carried-packages.ts';
import { featureNames, neededEngine } from '../../../shared/site-needs.ts';
import { newEntry, type PackForm } from './pack-draft.ts';

const place = 'sealift.pack-draft';
const features = Object.keys(featureNames) as (keyof typeof featureNames)[];
const text = z.string();
const kept = z.record(text, z.unknown());

const signer = z.object({
  by: z.enum(['', 'key', 'identity']),
  cosignKey: text,
  identity: text,
  issuer: text,
  trustRoot: text,
});

const entry = z.object({
  kind: z.enum(['model', 'image', 'files']),
  name: text,
  reference: text,
  platform: text,
  source: z.enum(['path', 'engine', 'registry']),
  path: text,
  repository: text.default(''),
  quantisation: text.default(''),
  tag: text.default(''),
  mirror: text.default(''),
  // Without it, a draft may want a signature that this form would not ask for.
  signer,
  paths: z.array(text),
  urls: z.array(z.object({ url: text, sha256: text, name: text.optional() })).default([]),
  charts: z.array(z.object({ repository: text, name: text, version: text, sha256: text.optional() })).default([]),
  debian: z
    .object({ packages: text, address: text, suites: text, keyring: text })
    .default({ packages: '', address: '', suites: '', keyring: '' }),
  provides: z.union([packageUse, z.literal('')]),
  system: text,
  version: text,
  architecture: text,
  licence: text,
  publisher: text,
  serve: text,
  packAnyway: text,
  kept,
});

const saved = z.object({
  draft: z.object({
    name: text,
    gitlab: text,
    note: text,
    installers: text,
    network: bundleSpec.shape.network,
    entries: z.array(entry),
  }),
  site: z.object({
    engine: neededEngine,
    features: z.array(z.enum(features)),
    users: z.union([z.int(), z.literal('')]),
    kept,
  }),
  targets: z.array(text).min(1),
  base: text,
  overwrite: z.boolean(),
  plainFolders: z.boolean(),
});

/** Whether this browser keeps what was entered last. */
export const useDraftKept = create<{ isKept: boolean }>(() => ({ isKept: true }));

/**
 * Keeps what was entered in this browser, so that it survives a reload. Nothing secret is in it. A browser that keeps nothing, or whose space is
 * used up, does not stop the form; `useDraftKept` then says so.
 */
export function saveDraft({ draft, site, targets, base, overwrite, plainFolders }: PackForm): void {
  let isKept = true;
  try {
    localStorage.setItem(place, JSON.stringify({ draft, site, targets, base, overwrite, plainFolders }));
  } catch {
    isKept = false;
  }
  if (isKept !== useDraftKept.getState().isKept) useDraftKept.setState({ isKept });
}

/** Returns what was entered before; nothing when nothing was kept, or when what was kept can't be read. */
export function savedDraft(): Partial<PackForm> {
  try {
    const { draft, ...rest } = saved.parse(JSON.parse(localStorage.getItem(place) ?? ''));
    const { network, entries, ...fields } = draft;
    const read = entries.map(({ kind, ...given }) => newEntry(kind, given));
    return { ...rest, draft: { ...fields, ...(network && { network }), entries: read } } as PackForm;
  } catch {
    return {};
  }
}
