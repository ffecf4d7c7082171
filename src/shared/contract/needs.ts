import { z } from 'zod';
import { bundleSpec } from '../bundle-spec.ts';
import { job } from '../rpc/contract.ts';

const path = z.string().min(1).max(4096);

/** An entry that Sealift added to the contents of a bundle, with its reasons. */
const neededContent = z.object({
  kind: z.enum(['model', 'image', 'files']),
  /** Name of a model or file set, reference of an image. */
  name: z.string(),
  title: z.string(),
  /** Sentences. */
  why: z.array(z.string()),
  /** Bytes as published; null: unknown until its source is asked. */
  bytes: z.int().nonnegative().nullable(),
  /** Null: unknown. */
  licence: z.string().nullable(),
  /** Where these facts come from. */
  source: z.string(),
});
export type NeededContent = z.infer<typeof neededContent>;

/** What a site needs: entries for its bundle, and what a person must add. */
export const workedOut = z.object({
  contents: z.array(neededContent),
  /** What Sealift cannot add by itself, and how to. */
  byHand: z.array(z.object({ title: z.string(), how: z.string() })),
  /** What is uncertain. */
  notes: z.array(z.string()),
});
export type WorkedOut = z.infer<typeof workedOut>;

/** Returns what a person must add, as one line. */
export function byHandText({ title, how }: WorkedOut['byHand'][number]): string {
  return `To be added by hand: ${title}. ${how}`;
}

/** Works out what the `site` of a `BUNDLE.yaml` needs. Asks the registries for the newest patches; fetches nothing. */
export const needs = job(
  'Working out what the site needs',
  z.object({
    /** The `BUNDLE.yaml`. */
    spec: path,
    /** A readiness file of the site's machine. */
    readinessPath: path.optional(),
    /** As in `pack`. */
    moved: z.enum(['refuse', 'keep', 'take']).default('refuse'),
    /** Where to write the `BUNDLE.yaml` with all contents, which must not exist yet. */
    out: path.optional(),
  }),
  workedOut.extend({
    /** The bundle's description with all contents and without `site`; paths are resolved. */
    spec: bundleSpec,
    /** The same as the text of a `BUNDLE.yaml`, with the reasons as comments. */
    text: z.string(),
    /** What the machine of the readiness file lacks, and the bundle has no packages for. */
    lacks: z.array(z.string()),
  }),
  { subject: null, writes: false },
);
