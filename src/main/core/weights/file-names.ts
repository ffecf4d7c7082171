/** Matches the names of files that engines load as weights. */
export const weightName = /\.(safetensors|gguf|bin|pt|pth|ckpt|onnx|h5|msgpack|npz)$/i;

/** Matches the names of weights that vLLM loads. It looks at the folder itself, not below it. */
export const vllmWeightName = /^[^/]+\.safetensors$|^(pytorch_model|consolidated)[^/]*\.(bin|pth?)$/i;

/*
 * State from which a training continues: of transformers' Trainer, of Accelerate and of DeepSpeed. vLLM skips the first ones too
 * (filter_files_not_needed_for_inference).
 */
const trainingState =
  /^(training_args|optimizer|scheduler|scaler|sampler|rng_state|random_states)(_\d+)?\.(bin|pt|pth|pkl|safetensors)$/i;
const trainingFolder = /(^|\/)(checkpoint-|global_step)\d+\//i;

/** Returns the files of a model's folder that a server can load. A training leaves others: its state, and folders of checkpoints. */
export function servedFiles<T extends { name: string }>(files: readonly T[]): T[] {
  const [stateless, checkpointless] = [
    files.filter(({ name }) => !trainingState.test(baseOf(name))),
    files.filter(({ name }) => !trainingState.test(baseOf(name)) && !trainingFolder.test(name)),
  ];
  // With nothing else, the model of a checkpoint is what the person means.
  return checkpointless.some(({ name }) => weightName.test(name)) ? checkpointless : stateless;
}

/** Returns a name without its folder. */
export function baseOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Returns the folder of a name with its final `/`, or an empty text. */
export function folderOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1);
}

/** Returns the name of a file's first part, or of the file if it has no others. */
export function nameOfSet(name: string): string {
  return partOf(name)?.nameOf(1) ?? name;
}

/** Reads the name of one part of several, such as `model-00002-of-00003.gguf`; undefined for other names. */
export function partOf(name: string): { no: number; count: number; nameOf: (no: number) => string } | undefined {
  const [, start, no, of, end] = /^(.*-)(\d{4,6})(-of-\d{4,6})(\.[a-z]+)$/i.exec(name) ?? [];
  if (no === undefined || of === undefined) return undefined;
  const nameOf = (one: number) => `${start}${String(one).padStart(no.length, '0')}${of}${end}`;
  return { no: Number(no), count: Number(of.slice(4)), nameOf };
}

/** Names of a model's configuration, in the order in which engines look for it. */
const configNames = ['config.json', 'params.json'];

/** Returns the name of the configuration among those in a folder. */
export function configIn(names: readonly string[]): string | undefined {
  return configNames.find((name) => names.includes(name));
}
