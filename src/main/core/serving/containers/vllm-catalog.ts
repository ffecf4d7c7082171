import { z } from 'zod';
import { siteFamily } from '../../../../shared/site-file.ts';
import { toolParserName } from '../../../../shared/vllm-options.ts';
import { readCatalog } from '../../settings/read-catalog.ts';

const source = z.string().min(3);
const vllmVersion = z.string().regex(/^\d+\.\d+\.\d+$/);
const parser = z.strictObject({
  name: toolParserName,
  /** The oldest and the newest version read that has the name, where not all have it. */
  since: vllmVersion.optional(),
  until: vllmVersion.optional(),
  families: z.array(siteFamily).default([]),
  /** What the parser looks for: without it vLLM does not start, or calls no tools. */
  needs: z
    .strictObject({
      text: z.string().min(3),
      in: z.enum(['tokenizer', 'template']),
      source,
      unverified: z.literal(true).optional(),
    })
    .optional(),
});
export type ToolCallParser = z.infer<typeof parser>;

/** `resources/catalog/vllm.yaml`: the tool-call parsers of vLLM, with the source of their names. */
const vllmCatalog = z.strictObject({
  version: z.literal(1),
  /** The versions whose names were read: a name that is not listed may exist in others. */
  vllm: z.strictObject({ oldest: vllmVersion, newest: vllmVersion }),
  names: source,
  toolCallParsers: z.array(parser),
});
export type VllmCatalog = z.infer<typeof vllmCatalog>;

/** Reads the catalogue; throws `catalog.damaged` naming the invalid row. */
export function loadVllmCatalog(resources: string): Promise<VllmCatalog> {
  return readCatalog(resources, 'vllm.yaml', vllmCatalog);
}
