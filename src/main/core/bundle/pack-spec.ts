import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { imageReference } from './image-reference.ts';
import { packIoError } from './pack-io-error.ts';

const maxSpecBytes = 1024 * 1024;

const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'use up to 63 of: lower-case letters, digits, ".", "_", "-"')
  .describe('Name under which it is stored on the other side.');
const path = z.string().min(1).max(4096).describe('Absolute, or relative to the folder of this file.');
const licence = z.string().min(1).max(200).optional().describe('Licence, best as an SPDX expression.');
const publisher = z.string().min(1).max(200).optional().describe('Who published it.');

const model = z
  .strictObject({
    kind: z.literal('model'),
    name: slug,
    path: path.describe('Weight file, or folder of a model with its configuration and tokenizer files.'),
    licence,
    publisher,
  })
  .describe('Weights, packed as a CNCF ModelPack artifact.');

const files = z
  .strictObject({ kind: z.literal('files'), name: slug, paths: z.array(path).min(1).max(1000), licence })
  .describe('Any other files: installers, packages, charts, notes. A folder brings all files below it.');

const image = z
  .strictObject({
    kind: z.literal('image'),
    path: path
      .describe('OCI layout folder, or archive from `docker save` or `skopeo copy`, not compressed.')
      .optional(),
    engine: z
      .literal('docker')
      .describe(
        'Take the image from the local Docker engine instead of a path. Its digest is then not the publisher’s.',
      )
      .optional(),
    reference: imageReference.describe('The name and tag that the image gets on the other side.'),
    platform: z
      .string()
      .regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, 'write it as system/architecture, such as linux/amd64')
      .default('linux/amd64'),
    licence,
  })
  .refine((one) => (one.path === undefined) !== (one.engine === undefined), {
    message: 'give either path, or engine: docker',
    path: ['path'],
  })
  .describe('A container image, kept byte for byte.');

/** What a `BUNDLE.yaml` may say. */
export const bundleSpec = z
  .strictObject({
    bundle: z.literal(1).describe('Version of this file format.'),
    name: slug.describe('Name of the bundle; labels of media begin with it.'),
    requirements: z
      .strictObject({
        gitlab: z
          .string('write the version in quotes, such as "18.10": without them it is a number')
          .min(1)
          .max(50)
          .optional()
          .describe('GitLab version that the contents fit.'),
        note: z.string().max(1000).optional(),
      })
      .default({}),
    contents: z
      .array(z.discriminatedUnion('kind', [model, files, image]))
      .min(1)
      .max(1000),
  })
  .superRefine(refuseTwins)
  .describe('What a Sealift bundle is made of.');

export type BundleSpec = z.infer<typeof bundleSpec>;
type ContentSpec = BundleSpec['contents'][number];
export type ModelSpec = Extract<ContentSpec, { kind: 'model' }>;
export type FilesSpec = Extract<ContentSpec, { kind: 'files' }>;
export type ImageSpec = Extract<ContentSpec, { kind: 'image' }>;
/** An image that lies in a file or folder. */
export type ImageFileSpec = ImageSpec & { path: string };

/** A checked `BUNDLE.yaml`; `folder` is what its relative paths start from. */
export interface LoadedSpec {
  spec: BundleSpec;
  folder: string;
}

/** Reads and checks a `BUNDLE.yaml`. Throws `file.missing`, `file.denied`, `file.too-large` or `input.invalid`, which names each field with its value. */
export async function readBundleSpec(file: string): Promise<LoadedSpec> {
  const text = await readBounded(file);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw appError('input.invalid', {
      what: file,
      issues: document.errors.map((one) => one.message.split('\n', 1)[0] ?? ''),
    });
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  const checked = bundleSpec.safeParse(value);
  if (!checked.success) {
    throw appError('input.invalid', {
      what: file,
      issues: checked.error.issues.map((issue) => issueText(issue, value)),
    });
  }
  return { spec: checked.data, folder: dirname(resolve(file)) };
}

async function readBounded(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > maxSpecBytes)
      throw appError('file.too-large', { path: file, sizeBytes: size, limitBytes: maxSpecBytes });
    return await readFile(file, 'utf8');
  } catch (error) {
    throw packIoError(error, file, 'read', 'The bundle description');
  }
}

function refuseTwins(
  spec: { contents: { kind: string; name?: string; reference?: string }[] },
  context: z.RefinementCtx,
): void {
  const seen = new Map<string, number>();
  spec.contents.forEach((content, index) => {
    const field = content.kind === 'image' ? 'reference' : 'name';
    const id = `${content.kind} ${content.kind === 'image' ? content.reference : content.name}`;
    const first = seen.get(id);
    if (first === undefined) seen.set(id, index);
    else
      context.addIssue({
        code: 'custom',
        path: ['contents', index, field],
        message: `is used by contents[${first}] already`,
      });
  });
}

function issueText(issue: z.core.$ZodIssue, root: unknown): string {
  const at = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    '',
  );
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    root,
  );
  const is = issue.code === 'unrecognized_keys' ? '' : ` (is ${JSON.stringify(value)?.slice(0, 100) ?? 'missing'})`;
  return `${at || 'the file'}: ${issue.message}${is}`;
}
