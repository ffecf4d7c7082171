import { writeFile } from 'node:fs/promises';
import { rehearsalModelName } from '../../../shared/contract/acceptance.ts';
import { sha256Hex } from '../files/sha256.ts';
import { type GgufTensor, type GgufValue, ggufFile } from './gguf-writer.ts';
import { byteText, tinyVocabulary } from './tiny-vocabulary.ts';

/** The rehearsal model's default sentence. */
export const defaultSentence =
  "Hello from Sealift's rehearsal model: I know only this one sentence, and if you can read it, the whole path to the model works.";

/** What was written. */
export interface TinyModel {
  path: string;
  sizeBytes: number;
  sha256: string;
  sentence: string;
  /** Tokens of one answer, without the end token. */
  sentenceTokens: number;
  contextTokens: number;
}

/** How to write a tiny model. */
export interface TinyModelOptions {
  sentence?: string;
  contextTokens?: number;
  /** Cuts the sentence after that many bytes instead of at words, also inside characters. */
  pieceBytes?: number;
  /** Starts over after the last word, so that only a token limit ends an answer. */
  repeats?: boolean;
  /** Another chat template than ChatML's. */
  chatTemplate?: string;
  /** Leaves out the markers for filling in the middle: `middle` the last of them, `all` every one. */
  withoutInfill?: 'middle' | 'all';
  /** Makes it an embedding model, too: the mean of its tokens' vectors. */
  embeds?: boolean;
}

/**
 * Writes a GGUF under 1 MB that every llama.cpp loads as an ordinary chat model and that answers any prompt with one sentence,
 * at any usual temperature. Throws RangeError for a sentence of no or more than 500 pieces.
 */
export async function writeTinyModel(path: string, options: TinyModelOptions = {}): Promise<TinyModel> {
  const { sentence = defaultSentence, contextTokens = 32_768 } = options;
  const { bytes, sentenceTokens } = tinyModelFile(sentence, contextTokens, options);
  await writeFile(path, bytes);
  const sha256 = sha256Hex(bytes);
  return { path, sizeBytes: bytes.length, sha256, sentence, sentenceTokens, contextTokens };
}

const specials = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'];
const meanPooling = 1;
const normalToken = 1;
const controlToken = 3;
const plainTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

function tinyModelFile(
  sentence: string,
  contextTokens: number,
  { pieceBytes, repeats, chatTemplate, withoutInfill, embeds }: TinyModelOptions,
) {
  const { tokens: base, merges } = tinyVocabulary();
  const pieces = uniquePieces(sentence, new Set(base), pieceBytes);
  if (pieces.length === 0 || pieces.length > 500) throw new RangeError('the sentence must have 1 to 500 pieces');
  // llama.cpp knows these markers by their text, too.
  const known = specials.filter(
    (one) => !(withoutInfill === 'all' ? one.startsWith('<|fim_') : withoutInfill && one === '<|fim_middle|>'),
  );
  const tokens = [...base, ...pieces, ...known];
  const width = Math.max(64, Math.ceil((pieces.length + 1) / 32) * 32);
  const metadata = {
    ...architecture(contextTokens, width, tokens.length),
    ...tokenizer(tokens, merges, chatTemplate ?? plainTemplate),
    ...infill(tokens),
    ...(embeds && { 'llama.pooling_type': { u32: meanPooling } }),
  };
  const after = repeats ? (pieces[0] as string) : '<|im_end|>';
  const answer = [...pieces, after].map((piece) => tokens.indexOf(piece));
  return { bytes: ggufFile(metadata, weights(tokens.length, width, answer)), sentenceTokens: pieces.length };
}

function architecture(contextTokens: number, width: number, vocabularySize: number): Record<string, GgufValue> {
  return {
    'general.architecture': 'llama',
    'general.name': rehearsalModelName,
    'general.description': 'Made by Sealift. Answers every prompt with the same sentence; it was not trained.',
    'general.license': 'apache-2.0',
    'general.file_type': { u32: 1 },
    'llama.context_length': { u32: contextTokens },
    'llama.embedding_length': { u32: width },
    'llama.block_count': { u32: 1 },
    'llama.feed_forward_length': { u32: width },
    'llama.attention.head_count': { u32: 2 },
    'llama.attention.head_count_kv': { u32: 2 },
    'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
    'llama.rope.dimension_count': { u32: width / 2 },
    'llama.vocab_size': { u32: vocabularySize },
  };
}

function tokenizer(
  tokens: readonly string[],
  merges: readonly string[],
  chatTemplate: string,
): Record<string, GgufValue> {
  const special = (name: string) => ({ u32: tokens.indexOf(name) });
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': { strings: tokens },
    'tokenizer.ggml.token_type': {
      i32s: tokens.map((token) => (specials.includes(token) ? controlToken : normalToken)),
    },
    'tokenizer.ggml.merges': { strings: merges },
    'tokenizer.ggml.bos_token_id': special('<|endoftext|>'),
    'tokenizer.ggml.eos_token_id': special('<|im_end|>'),
    'tokenizer.ggml.padding_token_id': special('<|endoftext|>'),
    'tokenizer.ggml.add_bos_token': false,
    'tokenizer.chat_template': chatTemplate,
  };
}

function infill(tokens: readonly string[]): Record<string, GgufValue> {
  const markers = { pre: '<|fim_prefix|>', suf: '<|fim_suffix|>', mid: '<|fim_middle|>' };
  const known = Object.entries(markers).filter(([, marker]) => tokens.includes(marker));
  return Object.fromEntries(
    known.map(([part, marker]) => [`tokenizer.ggml.fim_${part}_token_id`, { u32: tokens.indexOf(marker) }]),
  );
}

/**
 * The sentence cut into tokens that neither the tokenizer can make from a prompt nor the sentence holds twice:
 * a word that is known already goes together with the next one.
 */
function uniquePieces(sentence: string, known: Set<string>, pieceBytes: number | undefined): string[] {
  const pieces: string[] = [];
  let open = '';
  for (const cut of cuts(sentence, pieceBytes)) {
    open += cut;
    if (known.has(open)) continue;
    known.add(open);
    pieces.push(open);
    open = '';
  }
  if (open !== '') {
    const longer = `${pieces.pop() ?? ''}${open}`;
    if (known.has(longer)) throw new RangeError('the sentence is a single token of the vocabulary: make it longer');
    pieces.push(longer);
  }
  return pieces;
}

function cuts(sentence: string, pieceBytes: number | undefined): string[] {
  if (pieceBytes === undefined)
    return (sentence.match(/\s*\S+\s*$|\s*\S+/g) ?? []).map((word) => byteText(Buffer.from(word)));
  const bytes = Buffer.from(sentence);
  const starts = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) => index * pieceBytes);
  return starts.map((start) => byteText(bytes.subarray(start, start + pieceBytes)));
}

const halfOne = 0x3c00;
const halfEight = 0x4800;

/**
 * Weights that make a recital. Attention and feed-forward add nothing, so the last token alone decides: every ordinary token
 * is embedded in direction 0, token i of the sentence in direction i + 1; the output matrix maps direction i to token i of the
 * answer. RMS norm makes the one component the square root of the width, so the right logit leads by 8·√width, at least 64.
 */
function weights(vocabularySize: number, width: number, answer: readonly number[]): GgufTensor[] {
  const direction = new Map(answer.slice(0, -1).map((token, index) => [token, index + 1]));
  const embedding = Buffer.alloc(vocabularySize * width * 2);
  for (let token = 0; token < vocabularySize; token += 1)
    embedding.writeUInt16LE(halfOne, (token * width + (direction.get(token) ?? 0)) * 2);
  const output = Buffer.alloc(vocabularySize * width * 2);
  for (const [index, token] of answer.entries()) output.writeUInt16LE(halfEight, (token * width + index) * 2);
  const nothing = Buffer.alloc(width * width * 2);
  const ones = Buffer.from(new Float32Array(width).fill(1).buffer);
  const matrix = (name: string, data: Buffer, rows: number): GgufTensor => ({
    name,
    dimensions: [width, rows],
    type: 'f16',
    data,
  });
  const norm = (name: string): GgufTensor => ({ name, dimensions: [width], type: 'f32', data: ones });
  const zeros = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'];
  return [
    matrix('token_embd.weight', embedding, vocabularySize),
    norm('output_norm.weight'),
    matrix('output.weight', output, vocabularySize),
    norm('blk.0.attn_norm.weight'),
    norm('blk.0.ffn_norm.weight'),
    ...zeros.map((name) => matrix(`blk.0.${name}.weight`, nothing, width)),
  ];
}
