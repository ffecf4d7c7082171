import { bytesText } from '../bytes-text.ts';
import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors about the models of a site. */
export const siteModelErrors = {
  'site.parser-unknown': spec<{ parser: string; version: string; near: string[]; source: string; field: string }>({
    exitCode: 2,
    message: ({ parser, version, near }) =>
      `vLLM ${version} has no tool-call parser "${parser}". Similar names: ${near.join(', ')}.`,
    remedies: ({ near, source, field }) => [
      steps(
        `In site.yaml, set ${field} to ${near[0] ?? 'a known name'}, or to none for a model that calls no tools.`,
        `Sealift takes the names from ${source}.`,
      ),
    ],
  }),
  'site.agents-unfit': spec<{ problem: string; change: string }>({
    exitCode: 3,
    message: ({ problem }) => `The Agent Platform cannot work with this model server: ${problem}.`,
    remedies: ({ change }) => [steps(change, 'Or remove DUO_AGENT_PLATFORM from features in the site file.')],
  }),
  'site.leaves-network': spec<{ path: string; model: string; place: string; field: string }>({
    exitCode: 3,
    message: ({ model, place }) =>
      `The model ${model} is at ${place}, so prompts and code would leave your network, and this site is air-gapped.`,
    remedies: ({ path, field }) => [
      steps(
        `In ${path}, set ${field} to vllm, ollama or llamacpp, with a model that a bundle brings, or to external, with a server in your network.`,
        'Which models fit this machine: sealift models --for readiness.json',
      ),
      steps(
        'If this site may use the internet, set airGapped: false in the site file. Plan, window and report then say that prompts and code leave your network.',
      ),
    ],
  }),
  'site.no-own-model': spec<{ site: string }>({
    exitCode: 3,
    message: ({ site }) =>
      `All models of the site ${site} are on the internet, and Sealift itself sends them no requests.`,
    remedies: () => [command('Ask them through GitLab and the gateway', 'sealift probe SITE.yaml')],
  }),
  'site.gitlab-com-gateway': spec<{ path: string; host: string }>({
    exitCode: 3,
    message: ({ host }) =>
      `The gateway ${host} is GitLab.com's: prompts and code would leave your network, and it does not use the models of a site.`,
    remedies: ({ path }) => [
      steps(
        `In ${path}, set gateway.kind to container and gateway.image to GitLab's image, or gateway.url to a gateway of your own.`,
      ),
      steps(
        "A GitLab with internet access needs no site for GitLab.com's gateway: in Admin > GitLab Duo, select GitLab-managed models for its features.",
      ),
    ],
  }),
  'site.parser-unfit': spec<{
    field: string;
    parser: string;
    model: string;
    text: string;
    place: 'tokenizer' | 'template';
  }>({
    exitCode: 3,
    message: ({ parser, model, text, place }) =>
      `vLLM's tool-call parser ${parser} needs ${text}, which the ${place === 'tokenizer' ? 'tokenizer' : 'chat template'} of ${model} lacks.`,
    remedies: ({ place, field }) => [
      steps(
        `In site.yaml, remove ${field}: the catalogue names the parser of the models it knows.`,
        'For a model that calls no tools, set it to none.',
        ...(place === 'template' ? ['Or name a chat template with tools, as chatTemplate next to it.'] : []),
      ),
    ],
  }),
  'site.context-cut': spec<{ field: string; model: string; contextTokens: number; longest: number }>({
    exitCode: 3,
    message: ({ model, contextTokens, longest }) =>
      `The site file asks for a context of ${contextTokens} tokens, but ${model} has ${longest}. Ollama would cut longer prompts without saying so.`,
    remedies: ({ field, longest }) => [steps(`Set ${field} to ${longest} or less in site.yaml.`)],
  }),
  'site.model-missing': spec<{ name: string; known: string[]; field: string }>({
    exitCode: 3,
    message: ({ name, known }) =>
      `The model "${name}" is not in the store${known.length > 0 ? ` (it has: ${known.join(', ')})` : ''}.`,
    remedies: ({ known, field }) => [
      command('Import the bundle that contains it', 'sealift import DIR'),
      ...(known.length > 0 ? [steps(`Or set ${field} in the site file to one of: ${known.join(', ')}.`)] : []),
    ],
  }),
  'site.models-too-large': spec<{ parts: string[]; sumBytes: number; machineBytes: number }>({
    exitCode: 3,
    message: ({ parts, sumBytes, machineBytes }) =>
      `The models of this site need about ${bytesText(sumBytes)} of memory together, and this machine has ${bytesText(machineBytes)} (${parts.join(', ')}).`,
    remedies: () => [
      steps(
        'Choose smaller models, a smaller quantisation, or a smaller contextTokens in the site file.',
        'Or serve one of them on another machine: there with sealift model-server, here as engine external with its endpoint.',
      ),
    ],
  }),
  'site.gpus-short': spec<{ model: string; asked: number[]; count: number; split: string[] }>({
    exitCode: 3,
    message: ({ model, asked, count, split }) =>
      `No GPU is left for the model ${model}: it would get GPU ${asked.join(', ')}, and this machine has ${count === 1 ? '1 GPU' : `${count} GPUs`} for it${split.length > 0 ? ` (${split.join('; ')})` : ''}.`,
    remedies: ({ model, count }) => [
      steps(
        `Give each model its own GPUs with gpus in the site file; their numbers go from 0 to ${Math.max(0, count - 1)}.`,
        `Or serve ${model} on the CPU (gpu: none, with engine ollama), or on another machine as engine external.`,
        'Which models fit on these GPUs together: sealift models --plan --features LIST',
      ),
    ],
  }),
  'site.which-model': spec<{ site: string; known: string[]; named?: string }>({
    exitCode: 2,
    message: ({ site, known, named }) =>
      named === undefined
        ? `The site ${site} serves several models: ${known.join(', ')}.`
        : `The site ${site} serves no model named ${named}. It serves: ${known.join(', ')}.`,
    remedies: ({ known }) => [steps(`Name one of them with --model, for example --model ${known[0] ?? 'NAME'}.`)],
  }),
  'site.one-model-only': spec<{ site: string; what: string }>({
    exitCode: 3,
    message: ({ site, what }) => `${what} does not support a site with a list of models yet, and ${site} has one.`,
    remedies: () => [
      steps(
        'Use a site file that has one of these models in model, under another site name, and run it for that site.',
      ),
    ],
  }),
  'site.model-damaged': spec<{ name: string; path: string; problem: string }>({
    exitCode: 3,
    message: ({ name, path, problem }) => `Cannot use the model "${name}" in the store: ${path} ${problem}.`,
    remedies: () => [command('Import its bundle again: only the damaged part is read again', 'sealift import DIR')],
  }),
  'site.ollama-model': spec<{ name: string; problem: string; dataRoot: string }>({
    exitCode: 4,
    message: ({ name, problem }) => `Ollama could not create the model ${name}: ${problem}.`,
    remedies: ({ dataRoot }) => [
      command('Read its log', 'sealift logs --part ollama'),
      steps(
        `Check that the engine's filesystem has room for a second copy of the weights: df -h ${shellWord(dataRoot)}`,
        "Check that this version of Ollama supports the model's architecture; newer models need a newer image.",
      ),
    ],
  }),
};
