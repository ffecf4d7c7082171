import { isFields } from './language-part.ts';
import { ignoredIn, numberIn, type Quantized, textIn } from './quantized.ts';
import { numberFormat, type ValueFormat } from './value-formats.ts';

type Fields = Record<string, unknown>;

/** AMD Quark's `global_quant_config`, with exceptions per layer. */
export function quark(config: Fields): Quantized | undefined {
  const rest = isFields(config.layer_quant_config) ? config.layer_quant_config : {};
  const global = quarkFormat(config.global_quant_config);
  const layers = Object.entries(rest).map(([target, one]) => ({ target, format: quarkFormat(one) }));
  const types = isFields(config.layer_type_quant_config) ? Object.keys(config.layer_type_quant_config).length : 0;
  if (!global || types > 0 || layers.some((one) => !one.format)) return undefined;
  const own = layers.flatMap(({ target, format }) => (format ? [{ format, targets: [target] }] : []));
  return { groups: [...own, { format: global }], ignored: ignoredIn(config) };
}

function quarkFormat(given: unknown): ValueFormat | undefined {
  const weight = isFields(given) && isFields(given.weight) ? given.weight : undefined;
  const [, kind, bits] = /^(u?int|fp|mxfp|mx_fp)_?(\d+)/.exec(textIn(weight?.dtype)) ?? [];
  if (!weight || !kind) return undefined;
  return numberFormat({ bits: Number(bits), isFloat: !/int/.test(kind), group: numberIn(weight.group_size) });
}
