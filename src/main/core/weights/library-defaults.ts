import { z } from 'zod';
import { readCatalog } from '../settings/read-catalog.ts';

const name = z.string().min(1).max(100);
const schema = z.strictObject({
  version: z.literal(1),
  languageParts: z.record(name, name),
  models: z.array(
    z.strictObject({ type: name, source: name, values: z.record(name, z.union([z.int(), z.boolean()])) }),
  ),
});
export type LibraryDefaults = z.infer<typeof schema>;

/** Reads the library's defaults for numbers that a configuration leaves out. Throws `catalog.damaged`. */
export function loadLibraryDefaults(resources: string): Promise<LibraryDefaults> {
  return readCatalog(resources, 'library-defaults.yaml', schema);
}

/** Returns the defaults for the first known `model_type`, or undefined. A multimodal type has its language part's defaults. */
export function defaultsFor(
  { languageParts, models }: LibraryDefaults,
  types: readonly unknown[],
): Record<string, number | boolean> | undefined {
  const named = types.flatMap((one) =>
    typeof one !== 'string' ? [] : Object.hasOwn(languageParts, one) ? [one, languageParts[one]] : [one],
  );
  return named.map((type) => models.find((one) => one.type === type)?.values).find((one) => one !== undefined);
}
