import { resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import {
  type Fit,
  type ModelAnswer,
  type ModelFeature,
  type ModelHosting,
  modelFeature,
  modelHosting,
} from '../../../shared/contract/models.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { engineWords, verdictWords } from '../../../shared/verdict-words.ts';
import type { Cli } from '../cli.ts';
import { planLines, verdictMarks } from '../plan-lines.ts';
import { readCount } from '../read-count.ts';
import { readUsers } from '../sizing-lines.ts';

interface ModelsOptions {
  gitlab?: string;
  feature?: string;
  hosting?: string;
  for?: string;
  fit?: boolean;
  users?: string;
  context?: string;
  concurrency?: string;
  rocmImage?: boolean;
}

/** Adds `sealift models`. */
export function modelsCommands(cli: Cli): void {
  cli.program
    .command('models')
    .description("the models that GitLab Duo works with, in GitLab's own words, and which of them fit")
    .option('--gitlab <version>', 'version of GitLab, like 18.9 (default: the newest known)')
    .option('--feature <list>', `only models that can do all of: ${Object.keys(featureNames()).join(', ')}`)
    .option('--hosting <where>', `only models that run there: ${modelHosting.options.join(' or ')}`)
    .option('--for <file>', 'a readiness file (sealift check --report FILE.json): adds verdicts for that machine')
    .option('--fit', 'add verdicts for this machine, and all plans in their order')
    .option('--users <n>', 'people who will use it: sizes the site, and the requests at a time of verdicts')
    .option('--context <tokens>', 'tokens of each request that verdicts are for (default: 32768)')
    .option('--concurrency <n>', 'requests at a time that verdicts are for (default: by --users, else 1)')
    .option('--rocm-image', 'there is an image of vLLM for ROCm: AMD GPUs count')
    .action(
      cli.action({ writes: false }, async ({ client }, options: ModelsOptions) => {
        if (options.for !== undefined && options.fit) {
          throw appError('usage.invalid', { problem: '--for and --fit exclude each other', command: 'models' });
        }
        const data = await client.models.list({
          features: parseFeatures(options.feature),
          ...(options.hosting !== undefined && { hosting: parseHosting(options.hosting) }),
          fitHere: options.fit === true,
          ...(options.gitlab !== undefined && { gitlab: options.gitlab }),
          ...(options.for !== undefined && { readinessPath: resolve(options.for) }),
          ...numbersOf(options),
          hasRocmImage: options.rocmImage === true,
        });
        return { data, human: [...modelLines(data), ...planLines(data)].join('\n') };
      }),
    );
}

function numbersOf({ users, context, concurrency }: ModelsOptions) {
  const read = (text: string | undefined, option: string, least: number, most: number) =>
    text === undefined ? undefined : readCount(text, option, 'models', { least, most });
  const asked = {
    users: readUsers(users, 'models'),
    contextTokens: read(context, '--context', 256, 16_777_216),
    concurrency: read(concurrency, '--concurrency', 1, 10_000),
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

function featureNames(): Record<string, ModelFeature> {
  return Object.fromEntries(
    modelFeature.options.map((one) => [one.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`), one]),
  );
}

function parseFeatures(list: string | undefined): ModelFeature[] {
  const names = featureNames();
  return [...new Set(list?.split(',') ?? [])].map((name) => {
    const feature = Object.hasOwn(names, name.trim()) ? names[name.trim()] : undefined;
    if (!feature) {
      const problem = `"${name.trim()}" is no feature; use ${Object.keys(names).join(', ')}.`;
      throw appError('usage.invalid', { problem, command: 'models' });
    }
    return feature;
  });
}

function parseHosting(given: string): ModelHosting {
  const found = modelHosting.options.find((one) => one === given);
  if (found) return found;
  const problem = `"${given}" is no hosting; use ${modelHosting.options.join(' or ')}.`;
  throw appError('usage.invalid', { problem, command: 'models' });
}

interface Listed {
  gitlab: { first: string; last: string; sourceText: string; vllmMinimum?: string | undefined };
  notes: string[];
  models: ModelAnswer[];
  recommendation?: { id: string; reason: string } | undefined;
}

function modelLines({ gitlab, notes, models, recommendation }: Listed): string[] {
  const span = gitlab.first === gitlab.last ? gitlab.first : `${gitlab.first}–${gitlab.last}`;
  const width = Math.max(0, ...models.map((one) => one.name.length));
  return [
    `${models.length} models on GitLab's page of ${span} (${gitlab.sourceText})`,
    ...(gitlab.vllmMinimum === undefined ? [] : [`GitLab asks for vLLM ${gitlab.vllmMinimum} or newer.`]),
    ...notes.map((note) => `▲ ${note}`),
    '',
    ...models.flatMap((one) => linesOf(one, width)),
    ...(recommendation ? ['', `● Recommended: ${recommendation.reason}`] : []),
    ...(models.some((one) => one.fit) && !recommendation
      ? ['', '■ No model of the list is sure to fit this machine.']
      : []),
  ];
}

function linesOf(model: ModelAnswer, width: number): string[] {
  const words = Object.entries(model.features).map(
    ([feature, word]) => `${labels[feature as ModelFeature]} ${word ?? '–'}`,
  );
  const cloud = model.hosting === 'cloud' ? '  [LEAVES YOUR NETWORK]' : '';
  const head = `${model.fit ? `${verdictMarks[model.fit.verdict]} ` : ''}${model.name.padEnd(width)}  ${model.support}${cloud}`;
  const size = model.hosting === 'cloud' ? [] : [`    id ${model.id} · ${weightsText(model)}`];
  return [head.trimEnd(), `    ${words.join(' · ')}`, ...size, ...(model.fit ? [`    ${fitText(model.fit)}`] : [])];
}

function weightsText({ weights }: ModelAnswer): string {
  if (!weights) return 'weights: size not known';
  const size = `weights: ${bytesText(weights.bytes)} ${weights.precision}`;
  if (weights.basis === 'listed') return `${size}, as listed in its repository`;
  return `${size}, no listed size: ${weights.formula ?? `published as a round number (${weights.source})`}`;
}

const labels: Record<ModelFeature, string> = {
  codeCompletion: 'completion:',
  codeGeneration: 'generation:',
  chat: 'chat:',
  agentPlatform: 'agents:',
};

function fitText(fit: Fit): string {
  const minimum = fit.gitlabMinimum ? ` GitLab asks for ${fit.gitlabMinimum.gpus}.` : '';
  return `${verdictWords[fit.verdict]} (${engineWords[fit.engine]}, ${fit.quantization}): ${fit.reason}${minimum}`;
}
