import { z } from 'zod';
import { vllmVersion } from '../../../../shared/model-facts.ts';
import { readCatalog } from '../../settings/read-catalog.ts';

const version = z.string().regex(/^\d{2}\.\d{1,2}$/);
const source = z.string().min(3);

/** The parts of a site that have an image of their own. */
const part = z.enum(['gateway', 'executor', 'vllm', 'ollama', 'litellm']);
export type ImagePart = z.infer<typeof part>;

const image = z.strictObject({
  part,
  title: z.string().min(1),
  /** GitLab versions, both included. */
  from: version.optional(),
  to: version.optional(),
  fips: z.boolean().default(false),
  /** With its registry. */
  repository: z.string().regex(/^[a-z0-9.-]+(\/[a-z0-9._-]+)+$/),
  tag: z
    .string()
    .regex(/^[\w.*{}-]+$/)
    .refine((tag) => tag.split('*').length <= 2, 'may have one *'),
  /** The only platform that it is known for. Default: that of the machine. */
  platform: z
    .string()
    .regex(/^[a-z0-9]+\/[a-z0-9]+$/)
    .optional(),
  licence: z.string().min(1).optional(),
  /** Compressed size. */
  bytes: z.int().positive().optional(),
  note: z.string().optional(),
  source,
});
export type ImageOrigin = z.infer<typeof image>;

const byHand = z.strictObject({
  id: z.string(),
  from: version.optional(),
  to: version.optional(),
  /** Only when this part is needed, and no row of `images` has it. */
  part: part.optional(),
  /** Not said when the contents have an image from here. */
  repository: z.string().optional(),
  title: z.string().min(1),
  how: z.string().min(1),
  source,
});

/** `resources/catalog/origins.yaml`: where what a site needs comes from. */
const originsCatalog = z.strictObject({
  version: z.literal(1),
  /** The vLLM version for models and GitLab versions that need no newer one. */
  vllm: z.strictObject({ version: vllmVersion, source }),
  images: z.array(image).min(1),
  byHand: z.array(byHand),
});
export type ByHand = z.infer<typeof byHand>;
export type OriginsCatalog = z.infer<typeof originsCatalog>;

/** Reads `catalog/origins.yaml` below the app's resources. Throws `catalog.damaged`. */
export function loadOrigins(resources: string): Promise<OriginsCatalog> {
  return readCatalog(resources, 'origins.yaml', originsCatalog);
}
