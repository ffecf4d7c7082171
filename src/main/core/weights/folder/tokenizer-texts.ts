import { join } from 'node:path';
import { listFolder } from '../../files/list-folder.ts';
import { readBounded } from '../../files/read-bounded.ts';

/** Of all files together: the largest tokenizers have about 40 MiB, in a file or two. */
const limitBytes = 128 * 2 ** 20;
const vocabularies =
  /^(tokenizer\.json|tokenizer_config\.json|added_tokens\.json|vocab\.json|tekken\.json|.*\.model(\.v\d+.*)?)$/;
const templates = /^(tokenizer_config\.json|chat_template\.(jinja|json)|.*\.jinja)$/;

/** What a model's tokenizer and chat template contain. */
export interface TokenizerTexts {
  /** Whether the vocabulary has a token, or the template a text; undefined if the folder has no vocabulary or template to look at. */
  has(text: string, place: 'tokenizer' | 'template'): boolean | undefined;
}

/** Reads the tokenizer files of a model's folder. `template` replaces the folder's own. Throws `file.*`. */
export async function readTokenizerTexts(folder: string, template?: string): Promise<TokenizerTexts> {
  const texts = new Map<string, string>();
  let leftBytes = limitBytes;
  for (const name of await listFolder(folder)) {
    if (!vocabularies.test(name) && !templates.test(name)) continue;
    const bytes = await readBounded(join(folder, name), leftBytes);
    leftBytes -= bytes?.length ?? 0;
    // Models of SentencePiece are binary; their tokens are UTF-8 all the same.
    if (bytes) texts.set(name, bytes.toString('utf8'));
  }
  const vocabulary = [...texts].filter(([name]) => vocabularies.test(name));
  const isKnown = vocabulary.some(([name, text]) => isVocabulary(name, text));
  const own = [...texts].filter(([name, text]) => templates.test(name) && isTemplate(name, text));
  const shown = template === undefined ? own.map(([, text]) => text) : [template];
  return {
    has(text, place) {
      if (place === 'template') return shown.length === 0 ? undefined : shown.some((one) => one.includes(text));
      if (!isKnown) return undefined;
      return vocabulary.some(([name, one]) => hasToken(name, one, text));
    },
  };
}

function isVocabulary(name: string, text: string): boolean {
  if (!name.endsWith('.json')) return true;
  return (
    name !== 'tokenizer_config.json' && /"(added_tokens|vocab|special_tokens)"|^\s*\{\s*"[^"]*"\s*:\s*\d/.test(text)
  );
}

function isTemplate(name: string, text: string): boolean {
  return !name.endsWith('.json') || text.includes('"chat_template"');
}

/* Tekken's own tokens of older files are not listed in them: the tokenizer adds them. */
const tekkenTokens = ['[TOOL_CALLS]'];

function hasToken(name: string, vocabulary: string, token: string): boolean {
  if (name === 'tekken.json' && !vocabulary.includes('"special_tokens"') && tekkenTokens.includes(token)) return true;
  if (!name.endsWith('.json')) return vocabulary.includes(token);
  const escaped = JSON.stringify(token).replaceAll(
    /[^ -~]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return vocabulary.includes(JSON.stringify(token)) || vocabulary.includes(escaped);
}
