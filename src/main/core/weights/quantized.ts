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

/** Quantises all linear layers in one format. */
export function all(config: Fields, format: ValueFormat | undefined): Quantized | undefined {
  return format && { groups: [{ format }], ignored: ignoredIn(config) };
}
