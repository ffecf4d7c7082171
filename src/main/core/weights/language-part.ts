import { withOneName } from './config-names.ts';
import { defaultsFor, type LibraryDefaults } from './library-defaults.ts';

type Fields = Record<string, unknown>;

/** The language part of a configuration. */
export interface LanguagePart {
  /** As written, without the library's defaults. */
  written: Fields;
  /** With the library's defaults and without synonyms. */
  fields: Fields;
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
  for (;;) {
    types.unshift(inner.model_type);
    const nest = nests.map((key) => inner[key]).find(isFields);
    if (!nest || types.length > 3) break;
    outer = { ...outer, ...inner };
    inner = nest;
  }
  const own = Object.fromEntries(shared.filter((key) => outer[key] !== undefined).map((key) => [key, outer[key]]));
  const written = { ...own, ...inner };
  const known = defaultsFor(defaults, types);
  const all = { ...outer, ...inner };
  return {
    written,
    fields: { model_type: types.find((one) => one !== undefined), ...known, ...withOneName(written) },
    senses: Object.fromEntries(Object.entries(all).filter(([key, value]) => senseName.test(key) && isFields(value))),
    isKnown: known !== undefined,
  };
}

/** Returns whether a value is a group of fields. */
export function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
