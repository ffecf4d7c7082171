/* Names of the same module in different models. */
const otherNames: readonly (readonly [RegExp, string])[] = [
  [/^(?:feed_forward|block_sparse_moe|ffn|moe)(?=\.|$)/, 'mlp'],
  [/^(?:attention|attn)(?=\.|$)/, 'self_attn'],
  [/^linear_attn(?=\.|$)/, 'mixer'],
  [/^mlp\.(?:router|router\.\w+)$/, 'mlp.gate'],
  [/^mlp\.shared_expert(?=\.|$)/, 'mlp.shared_experts'],
  [/^mlp\.experts$/, 'mlp.experts.0'],
];
const layerName = /^(?:.*\.)?(?:layers|h|blocks)\.(\d+|\*)\.(.+)$/;
/* Modules that are not counted here or have no matrix to quantise. */
const elsewhere =
  /vision|visual|audio|speech|image|projector|merger|patch|norm|embed|mtp|nextn|eagle|draft|rotary|conv|sinks|mm_|perceiver|resampler|talker|token2wav|aligner|gate$|router|indexer/i;
const plain = /^(?:re:)?(?:[\w\-*.:^$|\\()?+[\]]){1,300}$/;
const modules = ['self_attn', 'mlp', 'mixer', 'lm_head'];

/** A parsed pattern of module names. */
export interface ModulePattern {
  matches: (name: string, layer: number | undefined) => boolean;
  /** False if the pattern is not understood. */
  isRead: boolean;
}

/** Parses a module name or pattern as vLLM's quantisation methods use them: a name, a part of one, `*`, or `re:` and an expression. */
export function modulePattern(text: string): ModulePattern {
  if (!plain.test(text)) return { matches: () => false, isRead: false };
  if (text.startsWith('re:') || /[\\^$|(+[]|\.\*/.test(text)) return expression(text.replace(/^re:/, ''));
  const [, layer, rest] = layerName.exec(text) ?? [];
  const name = ownName(rest ?? text.replace(/^(?:\*|model|language_model|backbone)\./g, ''));
  const isOfLayer = (at: number | undefined) => layer === undefined || layer === '*' || Number(layer) === at;
  const test = name.includes('*') ? (own: string) => wildcard(name).test(own) : (own: string) => isPartOf(own, name);
  const isKnown = elsewhere.test(text) || modules.some((one) => name.includes(one)) || /proj|expert/.test(name);
  return { matches: (own, at) => isOfLayer(at) && test(own), isRead: isKnown };
}

function ownName(name: string): string {
  return otherNames.reduce((found, [other, own]) => found.replace(other, own), name.replace(/\.(?:weight|bias)$/, ''));
}

function isPartOf(own: string, name: string): boolean {
  return own === name || own.startsWith(`${name}.`) || `.${own}.`.includes(`.${name}.`);
}

function wildcard(name: string): RegExp {
  const parts = name.split(/\*+/).slice(0, 6);
  const text = parts.map((one) => one.replace(/[.\\^$|()?+[\]]/g, '\\$&')).join('.{0,80}?');
  return new RegExp(`(?:^|\\.)${text}(?:\\.|$)`);
}

/* The accepted subset of expressions; nested repetitions could take exponential time. */
const simple = /^(?:\^|\$|[\w-]|\\[.dw]\+?|\.\*|\.(?![*+?])|\[0-9\]\+?|\((?:\?:)?[\w.|\\-]*\)\??|\|)*$/;

function expression(text: string): ModulePattern {
  const repeats = text.match(/[*+]/g)?.length ?? 0;
  if (!simple.test(text) || repeats > 4) return { matches: () => false, isRead: elsewhere.test(text) };
  const test = new RegExp(`^(?:${text})`);
  const spellings = (name: string, at: number | undefined) => {
    const start =
      at === undefined
        ? ['']
        : [`model.layers.${at}.`, `model.language_model.layers.${at}.`, `language_model.model.layers.${at}.`];
    return [
      ...start.flatMap((one) => spelled(name).map((own) => `${one}${own}`)),
      ...(at === undefined ? [`language_model.${name}`] : []),
    ];
  };
  return { matches: (name, at) => spellings(name, at).some((one) => test.test(one)), isRead: true };
}

function spelled(name: string): string[] {
  if (!name.startsWith('mlp.'))
    return name.startsWith('mixer.')
      ? [name, name.replace('mixer', 'linear_attn'), name.replace('mixer', 'mamba')]
      : [name];
  const other = name.replace('.shared_experts', '.shared_expert');
  const router = name.replace('mlp.gate', 'mlp.router');
  return [...new Set([name, other, router])].flatMap((one) => [
    one,
    one.replace('mlp.', 'feed_forward.'),
    one.replace('mlp.', 'block_sparse_moe.'),
  ]);
}
