import { z } from 'zod';
import { urlSpec } from './fetched-files.ts';
import { isPlainLine } from './plain-text.ts';
import { licence, path, slug } from './spec-fields.ts';

const publisher = z.string().min(1).max(200).optional().describe('Publisher of the model.');

const patterns = z.array(z.string().min(1).max(200)).min(1).max(100);

/** A model in `BUNDLE.yaml`: from files, from the Hub, from Ollama's store, or from the addresses of its files. */
export const modelSpec = z
  .strictObject({
    kind: z.literal('model'),
    name: slug,
    path: path.describe('Weight file, or model folder with its configuration and tokenizer files.').optional(),
    urls: z
      .array(urlSpec)
      .min(1)
      .max(1000)
      .describe(
        'Its files, fetched while packing, straight onto the media: of a mirror such as ModelScope, with the names that the publisher gave them.',
      )
      .optional(),
    from: z
      .enum(['hub', 'ollama'])
      .describe(
        "hub: fetches the model from the Hugging Face Hub (or HF_ENDPOINT) while packing, straight onto the media. ollama: takes it from Ollama's store on this machine.",
      )
      .optional(),
    tag: z
      .string()
      .max(300)
      .regex(
        /^[\w][\w.-]*(:\d+)?(\/[\w][\w.-]*){0,2}(:[\w][\w.-]*)?$/,
        'write it as `ollama list` does, such as llama3.2:3b',
      )
      .describe("Name of a model in Ollama's store, as `ollama list` prints it.")
      .optional(),
    store: path
      .describe(
        "Folder of Ollama's models. Default: OLLAMA_MODELS, or ~/.ollama/models; of a service often /usr/share/ollama/.ollama/models.",
      )
      .optional(),
    quantisation: z
      .string()
      .max(30)
      .regex(/^[\w-]+$/, 'write it as in the names of the files, such as Q4_K_M')
      .describe('Of a repository with GGUF files: the one quantisation to pack, with all its shards.')
      .optional(),
    repository: z
      .string()
      .max(200)
      .regex(/^[\w][\w.-]*\/[\w][\w.-]*$/, 'write it as owner/name')
      .describe('Repository on the Hub.')
      .optional(),
    revision: z
      .string()
      .max(200)
      .regex(/^[\w][\w./-]*$/, 'write a branch, a tag or a commit')
      .describe('Branch, tag or commit. Default: main. The lock file pins its commit.')
      .optional(),
    include: patterns.describe('Only files that match one of these; * stands for any characters.').optional(),
    exclude: patterns.describe('No files that match one of these.').optional(),
    serve: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('GGUF file that is served, relative to the folder; needed if the folder has several models.'),
    packAnyway: z
      .string()
      .trim()
      .min(3)
      .max(500)
      .refine(isPlainLine, 'use one line of plain text')
      .optional()
      .describe(
        'Reason for packing a model that Sealift judges as not loadable. It is signed and appears in the report.',
      ),
    licence,
    publisher,
  })
  .refine((one) => [one.path, one.from, one.urls].filter((way) => way !== undefined).length === 1, {
    message: 'set one of path, from and urls',
    path: ['path'],
  })
  .refine((one) => (one.from === 'hub') === (one.repository !== undefined), {
    message: 'set from: hub and repository together',
    path: ['repository'],
  })
  .refine((one) => one.from === 'hub' || !(one.revision ?? one.include ?? one.exclude ?? one.quantisation), {
    message: 'revision, quantisation, include and exclude need from: hub',
    path: ['from'],
  })
  .refine((one) => (one.from === 'ollama') === (one.tag !== undefined), {
    message: 'set from: ollama and tag together',
    path: ['tag'],
  })
  .refine((one) => one.from === 'ollama' || one.store === undefined, {
    message: 'a store needs from: ollama',
    path: ['store'],
  })
  .describe('Weights, packed as a CNCF ModelPack artifact.');
