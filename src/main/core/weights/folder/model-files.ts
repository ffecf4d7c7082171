import type { Samples } from './unwritten.ts';

/** A file of a model's folder: its name relative to the folder, with `/`, and its size. */
export interface ModelFile {
  name: string;
  sizeBytes: number;
}

/** The kind of a GGUF and its place among the parts of a split model, as its header states them. */
export interface GgufFacts {
  type: string;
  architecture: string;
  /** Number of parts; 1 if the model is not split. */
  parts: number;
  /** Which of the parts this one is, from 1. */
  part?: number | undefined;
  /** Tensors of this file, and of all parts together; undefined if unknown. */
  tensors?: number | undefined;
  tensorsOfAll?: number | undefined;
}

/** A model's folder as it is judged: a listing, and readings from its small files and headers. */
export interface ModelFolder {
  path: string;
  files: readonly ModelFile[];
  /** Parsed `.json` files by name: configurations and indices of weights. */
  json: ReadonlyMap<string, unknown>;
  ggufs: ReadonlyMap<string, GgufFacts>;
  /** The names of the tensors in each safetensors file. */
  tensors?: ReadonlyMap<string, readonly string[]>;
  /** Tokenizer files without a vocabulary; a blank one is an object without members. */
  tokenizers?: readonly { name: string; isBlank: boolean }[];
  samples?: ReadonlyMap<string, Samples>;
  /** The modules next to it that a Python file of the folder imports, by its name. */
  imports?: ReadonlyMap<string, readonly string[]>;
  /** Unfinished downloads that the listing lacks, in the hidden folders of download tools. */
  hiddenLeftovers: readonly string[];
  /** The GGUF to serve, as `namedIn` names it. */
  serve?: string | undefined;
  /** The file in which a person names the GGUF to serve; undefined where the path itself does. */
  namedIn?: 'BUNDLE.yaml' | 'site.yaml' | undefined;
  /** How people find the field in it. */
  field?: string | undefined;
  /** What the engine reads; without it, any form that some engine loads will do. */
  form?: 'gguf' | 'safetensors' | undefined;
}
