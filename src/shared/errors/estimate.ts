import { command, spec, steps } from './define.ts';

/** Errors from memory estimates. */
export const estimateErrors = {
  'estimate.source': spec<{ given: number }>({
    exitCode: 2,
    message: ({ given }) =>
      `Name exactly one of: a model in the catalogue, --config FILE, --gguf FILE (${given} were given).`,
    remedies: () => [steps('For example: sealift estimate mistral-small-3.2-24b --engine vllm --gpu 80GiB')],
  }),
  'estimate.model-unknown': spec<{ model: string; near: string[] }>({
    exitCode: 2,
    message: ({ model }) => `No model with the id "${model}" in the catalogue.`,
    remedies: ({ near }) => [
      steps(`Similar models: ${near.join(', ')}.`, "Or name the model's files: --config config.json, or --gguf FILE."),
      command('List all models', 'sealift models'),
    ],
  }),
  'estimate.model-in-cloud': spec<{ model: string }>({
    exitCode: 3,
    message: ({ model }) => `${model} runs at its provider: it uses no memory here, and prompts leave your network.`,
    remedies: () => [command('List the models that run here', 'sealift models --fit')],
  }),
  'estimate.config-invalid': spec<{ path: string; issues: string[] }>({
    exitCode: 2,
    message: ({ path, issues }) => `${path} is not a usable model configuration: ${issues.join('; ')}`,
    remedies: () => [
      steps(
        'Use the unmodified config.json (Mistral: params.json) that its publisher ships next to the weights.',
        'Other files in that folder (generation_config.json, tokenizer_config.json) do not contain these numbers.',
      ),
    ],
  }),
  'estimate.not-for-engine': spec<{ field: string; value: string | number; engine: string; known: string[] }>({
    exitCode: 2,
    message: ({ field, value, engine, known }) =>
      known.length > 0
        ? `${engine} does not support ${field} ${value}, only: ${known.join(', ')}.`
        : `${field} applies to vLLM only.`,
    remedies: ({ field, known, engine }) => [
      steps(known.length > 0 ? `Use one of: ${known.join(', ')}.` : `Leave out ${field} for ${engine}.`),
    ],
  }),
  'estimate.context-too-long': spec<{ model: string; contextTokens: number; longest: number }>({
    exitCode: 2,
    message: ({ model, contextTokens, longest }) =>
      `A context of ${contextTokens} tokens exceeds what ${model} was trained for: ${longest}.`,
    remedies: ({ longest }) => [steps(`Use at most ${longest}: --context ${longest}`)],
  }),
  'estimate.gpus': spec<{ text: string }>({
    exitCode: 2,
    message: ({ text }) => `--gpu "${text}" is not a valid list of GPUs.`,
    remedies: () => [
      steps(
        'Write the memory of each GPU with its unit, and how many there are: --gpu "80GiB*2", or --gpu "80GiB, 48GiB".',
        'A GPU has 64 MiB to 16 TiB, and there are at most 64. With "none", the memory of this machine is used.',
      ),
    ],
  }),
  'estimate.no-gpu': spec<{ leftOut: string[] }>({
    exitCode: 3,
    message: ({ leftOut }) => ['vLLM needs GPUs, and this machine has none that it can use.', ...leftOut].join(' '),
    remedies: () => [
      steps(
        'Specify the GPUs that the machine will have: --gpu "80GiB*2"',
        'With a vLLM image for ROCm, add --rocm-image to include AMD GPUs.',
        'Or estimate for the embedded llama.cpp: --engine llamacpp',
      ),
      command("See this machine's GPUs", 'sealift check'),
    ],
  }),
  'estimate.tensor-parallel': spec<{ tensorParallel: number; devices: number; heads: number | null }>({
    exitCode: 2,
    message: ({ tensorParallel, devices, heads }) =>
      `--tensor-parallel ${tensorParallel} does not work: vLLM needs a number that divides ${devices} GPUs${heads === null ? '' : ` and ${heads} attention heads`}.`,
    remedies: () => [
      steps(
        'Leave out --tensor-parallel, and Sealift chooses a number that works.',
        'llama.cpp splits layers instead and does not use it.',
      ),
    ],
  }),
};
