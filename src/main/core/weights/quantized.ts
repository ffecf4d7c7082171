import type { ValueFormat } from './value-formats.ts';

type Fields = Record<string, unknown>;

/** How a method stores the matrices of a model. */
export interface Quantized {
  /** Formats, each for the modules in `targets`, or for all linear layers. */
  groups: { format: ValueFormat; targets?: readonly string[] }[];
  /** Modules that are not quantised. */
  ignored: readonly string[];
  /** Whether only experts are quantised. */
  isExpertsOnly?: boolean;
}

/** A finite number, or undefined. */
export const numberIn = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
/** A text in lower case, empty for other values. */
export const textIn = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : '');
/** The texts of a list. */
export const listIn = (value: unknown) => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);

/** Collects the modules that a method excludes, under any of the usual keys. */
export function ignoredIn(config: Fields): string[] {
  const keys = [
    'ignore',
    'ignored_layers',
    'modules_to_not_convert',
    'exclude_modules',
    'exclude',
    'llm_int8_skip_modules',
    'skip_modules',
  ];
  return keys.flatMap((key) => listIn(config[key]));
}

/* Settings that may decide which modules are quantised, and in how many bits. */
const decides =
  /layer|expert|module|skip|ignore|exclu|keep|mixed|precision|override|except|bits?(?:_|$)|head|attn|attention|block|convert|embedding|per_|dequant|dynamic_/i;
/* Those that are read, or concern activations, the cache and how the weights were made. */
const settled = new RegExp(
  [
    '^_?(?:bnb|load_in|llm_int8|act|activation|input|output|kv_cache)_',
    '^(?:bits|w_bit|wbits|nbits|nbits_per_codebook|config_groups|extra_config|layer_quant_config|layer_type_quant_config|quantized_layers)$',
    '^(?:ignore|ignored_layers|modules_to_not_convert|exclude_modules|exclude|skip_modules|linear_weights_not_to_quantize)$',
    '^(?:modules_in_block_to_quantize|modules_to_fuse|module_name_preceding_first_block|weight_block_size|lm_head|quant_lm_head)$',
    '^(?:quant_block_list|to_quant_block_names|block_name_to_quantize|cache_block_outputs|quant_nontext_module|max_input_length)$',
    '(?<!experts?|weights?)_dtype$',
  ].join('|'),
);

/** Returns the first setting of a quantisation that may change the size of the weights, has an effect, and is not read. */
export function unreadSetting(config: Fields): string | undefined {
  const inner = config.quantization;
  const all = { ...config, ...(inner !== null && typeof inner === 'object' ? inner : {}) };
  const isOff = (key: string, value: unknown) =>
    value === null || value === 0 || value === '' || (value === false && !key.startsWith('quantize'))
      ? true
      : typeof value === 'object' && Object.keys(value).length === 0;
  return Object.entries(all).find(([key, value]) => decides.test(key) && !settled.test(key) && !isOff(key, value))?.[0];
}

/** Quantises all linear layers in one format. */
export function all(config: Fields, format: ValueFormat | undefined): Quantized | undefined {
  return format && { groups: [{ format }], ignored: ignoredIn(config) };
}
