import { z } from 'zod';
import { imageReference } from './image-reference.ts';
import { isPlainLine } from './plain-text.ts';

const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'use up to 63 of: lower-case letters, digits, ".", "_", "-"')
  .describe('Name under which it is stored on the other side.');
const path = z.string().min(1).max(4096).describe('Absolute, or relative to the folder of this file.');
const licence = z
  .string()
  .min(1)
  .max(200)
  .refine(isPlainLine, 'use one line of plain text')
  .optional()
  .describe('Licence, best as an SPDX expression.');
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
