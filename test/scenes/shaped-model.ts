import { writeFile } from 'node:fs/promises';
import { type GgufTensor, type GgufValue, ggufFile } from '../../src/main/core/rehearse/gguf-writer.ts';
import { tinyVocabulary } from '../../src/main/core/rehearse/tiny-vocabulary.ts';

/** The shape of a model that has learned nothing. */
export interface ModelShape {
  /** `cohere2`: three of four layers look back over a window only. */
  architecture: 'llama' | 'cohere2';
  layers: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  contextTokens: number;
  windowTokens?: number;
  /** A mixture of so many experts, two of which work on each token (llama). */
  experts?: number;
}

const feedForward = 64;

/** Writes a GGUF of a shape, all weights zero, that llama.cpp loads. */
export async function writeShapedModel(path: string, shape: ModelShape): Promise<void> {
  const { tokens, merges } = tinyVocabulary();
  await writeFile(path, ggufFile(metadataOf(shape, tokens, merges), tensorsOf(shape, tokens.length)));
}

function metadataOf(
  { architecture: name, ...shape }: ModelShape,
  tokens: readonly string[],
  merges: readonly string[],
): Record<string, GgufValue> {
  const width = shape.heads * shape.headDim;
  return {
    'general.architecture': name,
    [`${name}.context_length`]: { u32: shape.contextTokens },
    [`${name}.embedding_length`]: { u32: width },
    [`${name}.block_count`]: { u32: shape.layers },
    [`${name}.feed_forward_length`]: { u32: feedForward },
    [`${name}.attention.head_count`]: { u32: shape.heads },
    [`${name}.attention.head_count_kv`]: { u32: shape.kvHeads },
    [`${name}.attention.layer_norm_rms_epsilon`]: { f32: 1e-5 },
    [`${name}.attention.layer_norm_epsilon`]: { f32: 1e-5 },
    [`${name}.rope.dimension_count`]: { u32: shape.headDim },
    [`${name}.vocab_size`]: { u32: tokens.length },
    ...(shape.experts !== undefined && {
      [`${name}.expert_count`]: { u32: shape.experts },
      [`${name}.expert_used_count`]: { u32: 2 },
    }),
    ...(name === 'cohere2' && {
      'cohere2.attention.sliding_window': { u32: shape.windowTokens ?? 512 },
      'cohere2.logit_scale': { f32: 1 },
    }),
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': { strings: tokens },
    'tokenizer.ggml.token_type': { i32s: tokens.map(() => 1) },
    'tokenizer.ggml.merges': { strings: merges },
    'tokenizer.ggml.bos_token_id': { u32: 0 },
    'tokenizer.ggml.eos_token_id': { u32: 0 },
  };
}

function tensorsOf(
  { architecture, layers, heads, kvHeads, headDim, experts }: ModelShape,
  vocabulary: number,
): GgufTensor[] {
  const width = heads * headDim;
  const tensor = (name: string, columns: number, rows: number, count?: number): GgufTensor => ({
    name,
    dimensions: count === undefined ? [columns, rows] : [columns, rows, count],
    type: 'f16',
    data: Buffer.alloc(columns * rows * (count ?? 1) * 2),
  });
  const norm = (name: string): GgufTensor => ({
    name,
    dimensions: [width],
    type: 'f32',
    data: Buffer.from(new Float32Array(width).fill(1).buffer),
  });
  const layer = (at: number) => [
    norm(`blk.${at}.attn_norm.weight`),
    ...(architecture === 'llama' ? [norm(`blk.${at}.ffn_norm.weight`)] : []),
    tensor(`blk.${at}.attn_q.weight`, width, width),
    tensor(`blk.${at}.attn_k.weight`, width, kvHeads * headDim),
    tensor(`blk.${at}.attn_v.weight`, width, kvHeads * headDim),
    tensor(`blk.${at}.attn_output.weight`, width, width),
    ...(experts === undefined
      ? [
          tensor(`blk.${at}.ffn_gate.weight`, width, feedForward),
          tensor(`blk.${at}.ffn_up.weight`, width, feedForward),
          tensor(`blk.${at}.ffn_down.weight`, feedForward, width),
        ]
      : [
          { ...norm(`blk.${at}.ffn_gate_inp.weight`), ...routerOf(width, experts) },
          tensor(`blk.${at}.ffn_gate_exps.weight`, width, feedForward, experts),
          tensor(`blk.${at}.ffn_up_exps.weight`, width, feedForward, experts),
          tensor(`blk.${at}.ffn_down_exps.weight`, feedForward, width, experts),
        ]),
  ];
  return [
    tensor('token_embd.weight', width, vocabulary),
    norm('output_norm.weight'),
    ...Array.from({ length: layers }, (_, at) => layer(at)).flat(),
  ];
}

/** llama.cpp keeps the choice of experts in 32 bits. */
function routerOf(width: number, experts: number) {
  return { dimensions: [width, experts], data: Buffer.alloc(width * experts * 4) };
}
