import { z } from 'zod';

/** Families that the gateway knows by the names that GitLab sends. */
export const families = [
  ...['mistral', 'mixtral', 'codestral', 'codellama', 'codegemma', 'deepseekcoder', 'llama3'],
  ...['gpt', 'claude_3', 'general', 'gemini', 'qwen'],
] as const;
/** Families that the flat form of `/v2/code/completions` takes. */
export const flatFamilies: readonly string[] = families.filter((name) => !['general', 'gemini', 'qwen'].includes(name));

/** `model_metadata` of a request; limits are those of the gateway. */
export const modelMetadata = z.object({
  provider: z.string().max(255),
  name: z.enum(families as unknown as [string, ...string[]]),
  endpoint: z.url({ protocol: /^https?$/ }).max(255),
  api_key: z.string().max(2000).optional(),
  identifier: z.string().max(1000).optional(),
});
export type ModelMetadata = z.infer<typeof modelMetadata>;

/** Where a request goes and which model it uses. */
export interface ModelTarget {
  url: string;
  model: string;
  apiKey: string;
}

/**
 * Applies the gateway's rule: the text before the first `/` of the identifier is the provider and the rest the model; without `/`
 * all of it is the model; without an identifier the family. Only the provider custom_openai is simulated: others return
 * undefined.
 */
export function modelTarget({ endpoint, api_key, identifier, name }: ModelMetadata): ModelTarget | undefined {
  const slash = identifier?.indexOf('/') ?? -1;
  const provider = slash > 0 ? identifier?.slice(0, slash) : 'custom_openai';
  if (provider !== 'custom_openai') return undefined;
  const model = identifier ? identifier.slice(slash + 1) : name;
  return { url: `${endpoint.replace(/\/$/, '')}/chat/completions`, model, apiKey: api_key || 'dummy_key' };
}
