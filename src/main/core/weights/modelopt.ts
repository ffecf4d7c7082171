import { isFields } from './language-part.ts';
import { all, ignoredIn, numberIn, type Quantized, textIn } from './quantized.ts';
import { grouped, namedFormats, type ValueFormat } from './value-formats.ts';

type Fields = Record<string, unknown>;

/** ModelOpt's `quant_algo` (vLLM, quantization/modelopt.py: QUANT_ALGOS, and TensorRT-LLM's). */
export function modelopt(config: Fields): Quantized | undefined {
  const given = isFields(config.quantization) ? { ...config, ...config.quantization } : config;
  const layers = isFields(given.quantized_layers) ? given.quantized_layers : undefined;
  if (layers) {
    const groups = Object.entries(layers).map(([target, one]) => ({
      target,
      format: isFields(one) ? algorithm(one) : undefined,
    }));
    if (groups.length === 0 || groups.some((one) => !one.format)) return undefined;
    return {
      groups: groups.flatMap(({ target, format }) => (format ? [{ format, targets: [target] }] : [])),
      ignored: ignoredIn(given),
    };
  }
  return all(given, algorithm(given));
}

function algorithm(given: Fields): ValueFormat | undefined {
  const name = textIn(given.quant_algo);
  const group = numberIn(given.group_size);
  if (/^(?:w4a16_|w4a8_)?nvfp4/.test(name)) return namedFormats.nvfp4;
  if (/^(?:w4a8_)?mxfp4/.test(name)) return namedFormats.mxfp4;
  if (name === 'mxfp8') return namedFormats.mxfp8;
  if (/^fp8/.test(name)) return namedFormats.fp8;
  if (/^(?:w8a8|int8|w8a16)/.test(name)) return namedFormats.int8;
  if (/^(?:int4|w4a16|w4a8)/.test(name)) return { name: 'int4', bytes: grouped(4, group ?? 128, 2) };
  return undefined;
}
