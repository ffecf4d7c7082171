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
import type { Cli } from '../cli.ts';

interface ModelsOptions {
  gitlab?: string;
  feature?: string;
  hosting?: string;
  for?: string;
  fit?: boolean;
}

const marks: Record<Fit['verdict'], string> = { fits: '●', 'fits-tight': '▲', 'not-known': '▲', 'does-not-fit': '■' };

/** Adds `sealift models`. */
export function modelsCommands(cli: Cli): void {
  cli.program
    .command('models')
    .description("the models that GitLab Duo works with, in GitLab's own words, and which of them fit")
    .option('--gitlab <version>', 'version of GitLab, like 18.9 (default: the newest known)')
    .option('--feature <list>', `only models that can do all of: ${Object.keys(featureNames()).join(', ')}`)
    .option('--hosting <where>', `only models that run there: ${modelHosting.options.join(' or ')}`)
    .option('--for <file>', 'a readiness file (sealift check --report FILE.json): adds verdicts for that machine')
    .option('--fit', 'add verdicts for this machine')
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
        });
        return { data, human: modelLines(data).join('\n') };
      }),
    );
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
  const head = `${model.fit ? `${marks[model.fit.verdict]} ` : ''}${model.name.padEnd(width)}  ${model.support}${cloud}`;
  const size = model.hosting === 'cloud' ? [] : [`    ${weightsText(model)}`];
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
  return `${fit.verdict} (${fit.engine}, ${fit.quantization}): ${fit.reason}${minimum}`;
}
