import { isFields } from './language-part.ts';
import { ignoredIn, numberIn, type Quantized, textIn } from './quantized.ts';
import { numberFormat } from './value-formats.ts';

type Fields = Record<string, unknown>;

/** AutoRound and Intel Neural Compressor, with exceptions per layer in `extra_config`. */
export function autoRound(config: Fields): Quantized | undefined {
  const type = textIn(config.data_type).replace(/[^a-z0-9]/g, '');
  const bits = numberIn(config.bits);
  const isFloat = /fp/.test(type);
  const group = numberIn(config.group_size) ?? (isFloat ? undefined : 128);
  const format = numberFormat({ bits, isFloat, group, ...(!isFloat && bits !== undefined && { scale: 2 + bits / 8 }) });
  if (!format) return undefined;
  const extra = Object.entries(isFields(config.extra_config) ? config.extra_config : {});
  const bitsOf = (one: unknown) => (isFields(one) ? (numberIn(one.bits) ?? bits ?? 0) : 16);
  const own = extra.filter(([, one]) => bitsOf(one) < 16);
  const formats = own.map(([target, one]) => ({
    target,
    format: numberFormat({ bits: bitsOf(one), isFloat, group, scale: 2 + bitsOf(one) / 8 }),
  }));
  if (formats.some((one) => !one.format)) return undefined;
  return {
    groups: [
      ...formats.flatMap(({ target, format: one }) => (one ? [{ format: one, targets: [target] }] : [])),
      { format },
    ],
    ignored: [...ignoredIn(config), ...extra.filter(([, one]) => bitsOf(one) >= 16).map(([target]) => target)],
  };
}
