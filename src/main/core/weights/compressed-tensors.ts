import { isFields } from './language-part.ts';
import { ignoredIn, listIn, numberIn, type Quantized, textIn } from './quantized.ts';
import { numberFormat } from './value-formats.ts';

type Fields = Record<string, unknown>;

/** compressed-tensors: groups of targets, each with its own format. */
export function compressedTensors(config: Fields): Quantized | undefined {
  const sparsity = isFields(config.sparsity_config) ? textIn(config.sparsity_config.format) : '';
  if (/24/.test(textIn(config.format)) || !/^(?:|dense)$/.test(sparsity)) return undefined;
  const entries = Object.values(isFields(config.config_groups) ? config.config_groups : {});
  const groups = entries.map((one) => (isFields(one) ? compressedGroup(one) : undefined));
  const known = groups.filter((one) => one !== undefined);
  if (known.length === 0 || known.length < groups.length) return undefined;
  return { groups: known, ignored: ignoredIn(config) };
}

function compressedGroup({ weights, targets }: Fields): Quantized['groups'][number] | undefined {
  if (!isFields(weights)) return undefined;
  const isFloat = textIn(weights.type) === 'float';
  const zero = weights.symmetric === false ? (numberIn(weights.num_bits) ?? 0) / 8 : 0;
  const group = numberIn(weights.group_size) ?? (Array.isArray(weights.block_structure) ? 128 * 128 : undefined);
  const bits = numberIn(weights.num_bits);
  const scale = isFloat ? undefined : 2 + zero;
  const format = numberFormat({
    bits,
    isFloat,
    group: group ?? (bits === 4 && isFloat ? 32 : undefined),
    ...(scale && { scale }),
  });
  const named = listIn(targets);
  return format && { format, ...(named.length > 0 && !named.includes('Linear') && { targets: named }) };
}
