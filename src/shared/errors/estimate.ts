import { command, spec, steps } from './define.ts';

/** Errors of memory estimates. */
export const estimateErrors = {
  'estimate.source': spec<{ given: number }>({
    exitCode: 2,
    message: ({ given }) =>
      `Name exactly one of: a model of the catalogue, --config FILE, --gguf FILE (${given} were named).`,
    remedies: () => [steps('For example: sealift estimate mistral-small-3.2-24b --engine vllm --gpu 80GiB')],
  }),
  'estimate.model-unknown': spec<{ model: string; near: string[] }>({
    exitCode: 2,
    message: ({ model }) => `The catalogue has no model with the id "${model}".`,
    remedies: ({ near }) => [
      steps(`Models that are there: ${near.join(', ')}.`, 'Or name its files: --config config.json, or --gguf FILE.'),
      command('See all models', 'sealift models'),
    ],
  }),
  'estimate.model-in-cloud': spec<{ model: string }>({
    exitCode: 3,
    message: ({ model }) => `${model} runs at its provider: it takes no memory here, and prompts leave your network.`,
    remedies: () => [command('See the models that run here', 'sealift models --fit')],
  }),
  'estimate.config-invalid': spec<{ path: string; issues: string[] }>({
    exitCode: 2,
    message: ({ path, issues }) => `${path} is no model configuration that can be used: ${issues.join('; ')}`,
    remedies: () => [
      steps(
        'Take the config.json that lies beside the weights, as its publisher made it.',
        'Other files of the folder (generation_config.json, tokenizer_config.json) hold none of these numbers.',
      ),
    ],
  }),
  'estimate.not-for-engine': spec<{ field: string; value: string | number; engine: string; known: string[] }>({
    exitCode: 2,
    message: ({ field, value, engine, known }) =>
      known.length > 0
        ? `${field} ${value} is nothing that ${engine} knows: ${known.join(', ')}.`
        : `${field} is for vLLM only.`,
    remedies: ({ field, known, engine }) => [
      steps(known.length > 0 ? `Take one of: ${known.join(', ')}.` : `Leave ${field} out for ${engine}.`),
    ],
  }),
  'estimate.context-too-long': spec<{ model: string; contextTokens: number; longest: number }>({
    exitCode: 2,
    message: ({ model, contextTokens, longest }) =>
      `A context of ${contextTokens} tokens is more than ${model} was trained for: ${longest}.`,
    remedies: ({ longest }) => [steps(`Ask for at most ${longest}: --context ${longest}`)],
  }),
  'estimate.gpus': spec<{ text: string }>({
    exitCode: 2,
    message: ({ text }) => `--gpu "${text}" cannot be read as GPUs.`,
    remedies: () => [
      steps(
        'Write the memory of each with its unit, and how many: --gpu "80GiB*2", or --gpu "80GiB, 48GiB".',
        'A GPU has 64 MiB to 16 TiB; at most 64 of them. "none" counts with the memory of this machine.',
      ),
    ],
  }),
  'estimate.no-gpu': spec<{ leftOut: string[] }>({
    exitCode: 3,
    message: ({ leftOut }) => ['vLLM needs GPUs, and there is none here that can be counted on.', ...leftOut].join(' '),
    remedies: () => [
      steps(
        'Say which GPUs the machine will have: --gpu "80GiB*2"',
        'With an image of vLLM for ROCm: --rocm-image counts AMD GPUs.',
        'Or reckon with the embedded engine: --engine llamacpp',
      ),
      command('See what is known of the GPUs here', 'sealift check'),
    ],
  }),
  'estimate.tensor-parallel': spec<{ tensorParallel: number; devices: number; heads: number | null }>({
    exitCode: 2,
    message: ({ tensorParallel, devices, heads }) =>
      `--tensor-parallel ${tensorParallel} does not work: vLLM needs a number that divides ${devices} GPUs${heads === null ? '' : ` and ${heads} attention heads`}.`,
    remedies: () => [
      steps('Leave --tensor-parallel out: a number that works is taken.', 'llama.cpp shares layers and takes none.'),
    ],
  }),
};
