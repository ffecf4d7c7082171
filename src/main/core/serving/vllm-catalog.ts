import { join } from 'node:path';
import { z } from 'zod';
import { modelFamily } from '../../../shared/site-file.ts';
import { readYamlFile } from '../settings/read-yaml-file.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9_]{0,62}$/);

/** `resources/catalog/vllm.yaml`: what vLLM does not check itself. */
const vllmCatalog = z.strictObject({
  version: z.literal(1),
  toolCallParsers: z.array(
    z.strictObject({ name, families: z.array(modelFamily).default([]), source: z.string().min(3) }),
  ),
});
export type VllmCatalog = z.infer<typeof vllmCatalog>;

/** Reads the catalogue; throws `input.invalid` naming the row that is wrong. */
export function loadVllmCatalog(resources: string): Promise<VllmCatalog> {
  return readYamlFile(join(resources, 'catalog', 'vllm.yaml'), 'vllm.yaml', vllmCatalog);
}

/** The parser for the tool calls of a family; undefined where the models of a family differ, or call no tools. */
export function familyToolCallParser(catalog: VllmCatalog, family: string): string | undefined {
  return catalog.toolCallParsers.find((one) => one.families.some((known) => known === family))?.name;
}
