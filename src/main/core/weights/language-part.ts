import { withOneName } from './config-names.ts';
import { defaultsFor, type LibraryDefaults } from './library-defaults.ts';

/** The keys of a configuration. */
export type Fields = Record<string, unknown>;

/** The language part of a configuration. */
export interface LanguagePart {
  /** As written, without the library's defaults. */
  written: Fields;
  /** With the library's defaults and without synonyms. */
  fields: Fields;
  /** What stands around it, if it is nested. */
  around: Fields;
  /** Vision and audio encoders, by key. */
  senses: Fields;
  /** Whether defaults exist for this kind of model. */
  isKnown: boolean;
}

/* Where multimodal models keep the numbers of their language part. */
const nests = [
  'text_config',
  'llm_config',
  'language_config',
  'thinker_config',
  'language_model_config',
  'decoder_config',
];
/* Keys outside of the nest that also apply inside. */
const shared = [
  'quantization_config',
  'compression_config',
  'torch_dtype',
  'dtype',
  'tie_word_embeddings',
  'architectures',
];
const senseName =
  /^(?:vision|visual|audio|speech|image|video|sound|mm_vision)(?:_\w+)?_config$|^(?:vision|audio)_encoder$/;

/** Finds the language part of a configuration, nested or not. */
export function languagePart(data: Fields, defaults: LibraryDefaults): LanguagePart {
  const types: unknown[] = [];
  let outer: Fields = {};
  let inner = data;
  const parts: unknown[] = [];
  for (;;) {
    types.unshift(inner.model_type);
    const nest = nests.map((key) => inner[key]).find(isFields);
    if (!nest || types.length > 3) break;
    outer = { ...outer, ...inner };
    inner = nest;
    parts.push(nest);
  }
  const own = Object.fromEntries(shared.filter((key) => outer[key] !== undefined).map((key) => [key, outer[key]]));
  const written = { ...own, ...inner };
  const around = Object.entries(outer).filter(([key, value]) => !shared.includes(key) && !parts.includes(value));
  const known = defaultsFor(defaults, types);
  const all = { ...outer, ...inner };
  return {
    written,
    around: Object.fromEntries(around),
    fields: { model_type: types.find((one) => one !== undefined), ...known, ...withOneName(written) },
    senses: Object.fromEntries(Object.entries(all).filter(([key, value]) => senseName.test(key) && isFields(value))),
    isKnown: known !== undefined,
  };
}

/** Returns whether a key may hold the language part. */
export function isNest(key: string): boolean {
  return nests.includes(key);
}

/** Returns whether a key holds an encoder for pictures or sound. */
export function isSense(key: string): boolean {
  return senseName.test(key);
}

/** Returns whether a value is a group of fields. */
export function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
