import type { ConfigFields } from './config-fields.ts';
import { isFields } from './language-part.ts';
import { type ModulePattern, modulePattern } from './module-names.ts';
import { methodName, quantizationMethods } from './quantization-methods.ts';
import { type Quantized, unreadSetting } from './quantized.ts';
import type { Tensor } from './tensor.ts';
import type { ValueFormat } from './value-formats.ts';

/** The size of the stored weights and its range. */
export interface StoredWeights {
  bytes: number;
  lowBytes: number;
  highBytes: number;
  quantization: string;
}

/** A storage format whose size is unknown. */
export interface UnknownFormat {
  unknownFormat: string;
}

const mostPatterns = 5000;
/* Names of matrices; tables and norms are not quantised. */
const matrix = /_proj|_a_proj|_b_proj|experts|in_proj|out_proj|\.linear|indexer|latent/;
const router = /\.gate$/;

/** Returns how a configuration's matrices are quantised; undefined if they are not. */
export function quantizedBy(written: Record<string, unknown>): Quantized | UnknownFormat | undefined {
  const config = written.quantization_config ?? written.compression_config;
  if (config === undefined || config === null || (isFields(config) && Object.keys(config).length === 0))
    return undefined;
  if (!isFields(config)) return { unknownFormat: String(config).slice(0, 50) };
  const name = methodName(config);
  const method = Object.hasOwn(quantizationMethods, name) ? quantizationMethods[name] : undefined;
  const found = method?.(config);
  const patterns = found ? [...found.ignored, ...found.groups.flatMap((one) => one.targets ?? [])] : [];
  const doubt = found && unreadSetting(config);
  if (found && doubt === undefined && patterns.length <= mostPatterns) return found;
  const algorithm = typeof config.quant_algo === 'string' ? ` ${config.quant_algo}` : '';
  return { unknownFormat: `${name || 'unnamed'}${algorithm}${doubt ? ` with ${doubt}` : ''}`.slice(0, 50) };
}

/** Returns the format of the weights before quantisation: 16 bits unless the configuration says another. */
export function trainedIn({
  dtype,
  torch_dtype,
}: Pick<ConfigFields, 'dtype' | 'torch_dtype'>): ValueFormat | UnknownFormat {
  const said = (dtype ?? torch_dtype ?? '').replace(/^torch\./, '');
  if (/^(?:bfloat16|auto|)$/.test(said)) return { name: 'bf16', bytes: 2 };
  if (/^(?:float16|half)$/.test(said)) return { name: 'f16', bytes: 2 };
  if (/^float(?:32)?$/.test(said)) return { name: 'f32', bytes: 4 };
  return { unknownFormat: said };
}

/** Sums up the tensors, each in its storage format. */
export function storedWeights(
  tensors: readonly Tensor[],
  quantized: Quantized | undefined,
  trained: ValueFormat,
): StoredWeights {
  const of = quantized ? formatsBy(quantized, trained) : () => [trained];
  const sums = { bytes: 0, lowBytes: 0, highBytes: 0 };
  for (const tensor of tensors) {
    const formats = of(tensor).map((one) => one.bytes);
    sums.bytes += tensor.values * (formats[0] ?? trained.bytes);
    sums.lowBytes += (tensor.least ?? tensor.values) * Math.min(...formats);
    sums.highBytes += (tensor.most ?? tensor.values) * Math.max(...formats);
  }
  return { ...sums, quantization: mainFormat(tensors, of).name };
}

function mainFormat(tensors: readonly Tensor[], of: (tensor: Tensor) => ValueFormat[]): ValueFormat {
  const sums = new Map<string, { format: ValueFormat; values: number }>();
  for (const tensor of tensors) {
    const format = of(tensor)[0];
    if (format) sums.set(format.name, { format, values: (sums.get(format.name)?.values ?? 0) + tensor.values });
  }
  const most = [...sums.values()].sort((a, b) => b.values - a.values)[0];
  return most?.format ?? { name: 'bf16', bytes: 2 };
}

/** Returns the possible formats of each tensor, the likely one first. */
function formatsBy(quantized: Quantized, trained: ValueFormat): (tensor: Tensor) => ValueFormat[] {
  const ignored = quantized.ignored.map(modulePattern);
  const groups = quantized.groups.map(({ format, targets }) => ({ format, patterns: targets?.map(modulePattern) }));
  const isAllRead = ignored.every((one) => one.isRead);
  const areGroupsRead = groups.every(({ patterns }) => patterns?.every((one) => one.isRead) !== false);
  return ({ name, layer }) => {
    const isExpert = /experts/.test(name);
    if (!matrix.test(name) || router.test(name) || isIn(ignored, name, layer)) return [trained];
    if (quantized.isExpertsOnly === true && !/^mlp\.experts/.test(name)) return [trained];
    const own = groups.find(({ patterns }) => patterns === undefined || isIn(patterns, name, layer))?.format;
    const others = areGroupsRead ? [] : groups.map((one) => one.format);
    // A pattern that is not understood may exclude anything but experts, which are why such models are quantised.
    return [own ?? trained, ...others, ...(isAllRead || isExpert ? [] : [trained])];
  };
}

function isIn(patterns: readonly ModulePattern[], name: string, layer: number | undefined): boolean {
  return patterns.some((one) => one.matches(name, layer));
}
