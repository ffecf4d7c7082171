import { z } from 'zod';
import type { Quantization } from '../../../shared/estimate/quantization.ts';

const bits = z.int().min(1).max(32).nullish();
const name = z.string().max(100).nullish();

/** How a `config.json` says that weights are stored; `config_groups` is compressed-tensors' way, whose first group decides. */
export const quantizationConfig = z.object({
  quant_method: name,
  bits,
  config_groups: z
    .record(z.string().max(100), z.object({ weights: z.object({ num_bits: bits, type: name }).nullish() }))
    .nullish(),
});

/** The format of the weights; undefined where none that is known is named: then they are stored as they were trained. */
export function quantizationOf(config: z.infer<typeof quantizationConfig>): Quantization | undefined {
  const method = config.quant_method?.toLowerCase() ?? '';
  if (/awq/.test(method)) return 'awq';
  if (/gptq/.test(method) && (config.bits ?? 4) <= 4) return 'gptq';
  if (/mxfp4/.test(method)) return 'mxfp4';
  if (/fp8|fbgemm/.test(method)) return 'fp8';
  if (config.bits === 8) return 'int8';
  const { num_bits: bits, type } = Object.values(config.config_groups ?? {})[0]?.weights ?? {};
  if (bits === 8) return type === 'float' ? 'fp8' : 'int8';
  if (bits === 4) return type === 'float' ? 'mxfp4' : 'int4';
  return undefined;
}
