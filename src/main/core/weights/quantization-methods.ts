import { autoRound } from './auto-round.ts';
import { compressedTensors } from './compressed-tensors.ts';
import { isFields } from './language-part.ts';
import { modelopt } from './modelopt.ts';
import { all, ignoredIn, listIn, numberIn, type Quantized, textIn } from './quantized.ts';
import { quark } from './quark.ts';
import { grouped, namedFormats, type ValueFormat } from './value-formats.ts';

type Fields = Record<string, unknown>;

/** Integers in groups with a 16-bit scale and a zero of as many bits (AutoGPTQ, AutoAWQ). */
function integers(config: Fields, name: 'gptq' | 'awq' | 'int'): Quantized | undefined {
  const bits = numberIn(config.bits) ?? numberIn(config.w_bit) ?? numberIn(config.wbits);
  const group = numberIn(config.group_size) ?? numberIn(config.q_group_size) ?? 128;
  if (bits === undefined || bits < 2 || bits > 8) return undefined;
  // GPTQModel: `-:` excludes modules, `+:` sets other bits.
  const others = Object.keys(isFields(config.dynamic) ? config.dynamic : {});
  if (others.some((one) => !one.startsWith('-:'))) return undefined;
  const isPlain = name !== 'int' && bits === 4;
  const left = [...ignoredIn(config), ...others.map((one) => `re:${one.slice(2)}`)];
  const format = { name: isPlain ? name : `int${bits}`, bytes: grouped(bits, group, 2 + bits / 8) };
  const targets = listIn([config.modules_in_block_to_quantize].flat(2));
  return { groups: [{ format, ...(targets.length > 0 && { targets }) }], ignored: left };
}

function bitsandbytes(config: Fields): Quantized | undefined {
  const is4 = config.load_in_4bit === true || config._load_in_4bit === true;
  const is8 = config.load_in_8bit === true || config._load_in_8bit === true;
  // A 32-bit scale per 64 values; double quantisation reduces it to 8 bits plus 32 bits per 256 scales.
  const scale = config.bnb_4bit_use_double_quant === true ? 1 + 4 / 256 : 4;
  if (is4) return all(config, { name: 'bitsandbytes 4-bit', bytes: grouped(4, 64, scale) });
  return is8 ? all(config, { name: 'int8', bytes: 1 }) : undefined;
}

function hqq(config: Fields): Quantized | undefined {
  const given = isFields(config.quant_config) ? config.quant_config.weight_quant_params : undefined;
  const bits = isFields(given) ? numberIn(given.nbits) : undefined;
  const group = isFields(given) ? numberIn(given.group_size) : undefined;
  return bits === undefined ? undefined : all(config, { name: `hqq ${bits}-bit`, bytes: grouped(bits, group, 4) });
}

function torchao(config: Fields): Quantized | undefined {
  const given = isFields(config.quant_type) ? config.quant_type.default : config.quant_type;
  // Beside the default stand modules with formats of their own.
  if (isFields(config.quant_type) && Object.keys(config.quant_type).some((key) => key !== 'default')) return undefined;
  const name = textIn(isFields(given) ? given._type : given).replace(/_/g, '');
  const data = isFields(given) && isFields(given._data) ? given._data : config;
  if (/^float8/.test(name)) return all(config, namedFormats.fp8);
  if (/^int8/.test(name) && !/int4/.test(name)) return all(config, namedFormats.int8);
  return /^int4weightonly/.test(name)
    ? all(config, { name: 'int4', bytes: grouped(4, numberIn(data.group_size) ?? 128, 4) })
    : undefined;
}

function aqlm(config: Fields): Quantized | undefined {
  const [bits, books, group] = ['nbits_per_codebook', 'num_codebooks', 'in_group_size'].map((key) =>
    numberIn(config[key]),
  );
  if (!bits || !books || !group) return undefined;
  const bytes = (bits * books) / group / 8;
  return all({ ignore: listIn(config.linear_weights_not_to_quantize) }, { name: `aqlm ${bytes * 8}-bit`, bytes });
}

const fp8 = (config: Fields) => all(config, namedFormats.fp8);
const experts =
  (format: ValueFormat | undefined) =>
  (config: Fields): Quantized | undefined =>
    format && { groups: [{ format }], ignored: ignoredIn(config), isExpertsOnly: true };

/**
 * The methods of vLLM (quantization/__init__.py up to 0.33) whose weights can be sized, by `quant_method`. A method returns undefined
 * if its configuration does not determine the size.
 */
export const quantizationMethods: Record<string, (config: Fields) => Quantized | undefined> = {
  awq: (config) => integers({ bits: 4, ...config }, 'awq'),
  awq_marlin: (config) => integers({ bits: 4, ...config }, 'awq'),
  auto_awq: (config) => integers({ bits: 4, ...config }, 'awq'),
  cpu_awq: (config) => integers({ bits: 4, ...config }, 'awq'),
  gptq: (config) => integers({ bits: 4, ...config }, 'gptq'),
  gptq_marlin: (config) => integers({ bits: 4, ...config }, 'gptq'),
  auto_gptq: (config) => integers({ bits: 4, ...config }, 'gptq'),
  gptqmodel: (config) => integers({ bits: 4, ...config }, 'gptq'),
  marlin: (config) => integers({ bits: 4, ...config }, 'gptq'),
  gptq_bitblas: (config) => integers(config, 'int'),
  bitblas: (config) => integers(config, 'int'),
  moe_wna16: (config) => integers(config, 'int'),
  squeezellm: (config) => integers(config, 'int'),
  qqq: (config) => integers(config, 'int'),
  bitsandbytes,
  modelopt,
  modelopt_fp4: (config) => modelopt({ quant_algo: 'NVFP4', ...config }),
  modelopt_mxfp8: (config) => modelopt({ quant_algo: 'MXFP8', ...config }),
  modelopt_mixed: modelopt,
  'compressed-tensors': compressedTensors,
  'auto-round': autoRound,
  inc: autoRound,
  quark,
  hqq,
  torchao,
  aqlm,
  fp8,
  fbgemm_fp8: fp8,
  ptpc_fp8: fp8,
  deepgemm_fp8: fp8,
  fp8_per_tensor: fp8,
  fp8_per_block: fp8,
  fp8_per_channel: fp8,
  finegrained_fp8: fp8,
  mxfp8: (config) => all(config, namedFormats.mxfp8),
  petit_nvfp4: (config) => all(config, namedFormats.nvfp4),
  mxfp4: experts(namedFormats.mxfp4),
  gpt_oss_mxfp4: experts(namedFormats.mxfp4),
  experts_int8: experts(namedFormats.int8),
  eetq: (config) => all(config, namedFormats.int8),
};

/** Returns the key of a configuration's method in `quantizationMethods`. */
export function methodName(config: Fields): string {
  const name = textIn(config.quant_method) || (config.quant_algo !== undefined ? 'modelopt' : '');
  const plain = name.replace(/^intel\//, '');
  const dashed: Record<string, string> = { compressed_tensors: 'compressed-tensors', auto_round: 'auto-round' };
  return dashed[plain] ?? plain;
}
