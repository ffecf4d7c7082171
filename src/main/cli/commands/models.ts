import { resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import {
  type Fit,
  type ModelAnswer,
  type ModelFeature,
  type ModelHosting,
  modelHosting,
} from '../../../shared/contract/models.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { doesFit } from '../../../shared/estimate/estimate-memory.ts';
import { featureLabels } from '../../../shared/feature-labels.ts';
import { featureNames } from '../../../shared/site-needs.ts';
import { engineWords, verdictWords } from '../../../shared/verdict-words.ts';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';
import { planLines, verdictMarks } from '../plan-lines.ts';
import { readCount } from '../read-count.ts';
import { setLines } from '../set-lines.ts';
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
  plan?: boolean;
  features?: string;
}

/** Adds `sealift models`. */
export function modelsCommands(cli: Cli): void {
  cli.program
    .command('models')
    .description('list the models that GitLab Duo supports, and which of them fit')
    .option('--gitlab <version>', 'GitLab version, such as 18.9 (default: the newest known)')
    .option('--feature <list>', `only models that support all of these: ${Object.keys(featureNames).join(', ')}`)
    .option('--hosting <where>', `only models with this hosting: ${modelHosting.options.join(' or ')}`)
    .option('--for <file>', 'add verdicts for the machine of a readiness file (from sealift check --report FILE.json)')
    .option('--fit', 'add verdicts for this machine, and a ranking of all plans')
    .option('--users <n>', 'number of people who will use it: adds a sizing and sets the default for --concurrency')
    .option('--context <tokens>', 'tokens per request for the verdicts (default: 32768)')
    .option('--concurrency <n>', 'concurrent requests for the verdicts (default: from --users, or 1)')
    .option(
      '--plan',
      'print the cheapest set of models that covers --features on one machine (default: this one), and why',
    )
    .option('--features <list>', 'with --plan: the features that the set must cover')
    .option('--rocm-image', 'include AMD GPUs, because a vLLM image for ROCm is available')
    .action(
      cli.action({ writes: false }, async ({ client }, options: ModelsOptions) => {
        if (options.plan || options.features !== undefined) {
          const data = await client.models.plan(plannedWith(options));
          return { data, human: setLines(data).join('\n'), red: data.models === null };
        }
        if (options.for !== undefined && options.fit) {
          throw appError('usage.invalid', { problem: '--for and --fit cannot be combined', command: 'models' });
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

function plannedWith(options: ModelsOptions) {
  const { plan, features, feature, hosting, fit } = options;
  const refused = (problem: string) => appError('usage.invalid', { problem, command: 'models' });
  if (!plan) throw refused('--features needs --plan; to filter the list, use --feature');
  if (features === undefined) throw refused('--plan needs --features, as in --features code-completion,chat');
  if (feature !== undefined || hosting !== undefined || fit)
    throw refused('--plan cannot be combined with --feature, --hosting or --fit');
  return {
    features: parseFeatures(features),
    ...(options.gitlab !== undefined && { gitlab: options.gitlab }),
    ...(options.for !== undefined && { readinessPath: resolve(options.for) }),
    ...numbersOf(options),
    hasRocmImage: options.rocmImage === true,
  };
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

function parseFeatures(list: string | undefined): ModelFeature[] {
  const names: Record<string, ModelFeature> = featureNames;
  return [...new Set(list?.split(',') ?? [])].map((name) => {
    const feature = Object.hasOwn(names, name.trim()) ? names[name.trim()] : undefined;
    if (!feature) {
      const problem = `"${name.trim()}" is not a feature; use ${Object.keys(names).join(', ')}.`;
      throw appError('usage.invalid', { problem, command: 'models' });
    }
    return feature;
  });
}

function parseHosting(given: string): ModelHosting {
  const found = modelHosting.options.find((one) => one === given);
  if (found) return found;
  const problem = `--hosting "${given}" is invalid; use ${modelHosting.options.join(' or ')}.`;
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
  const heads = columns(models.map((one) => headOf(one)));
  return [
    `${models.length} models on GitLab's page for ${span} (${gitlab.sourceText})`,
    ...(gitlab.vllmMinimum === undefined ? [] : [`GitLab requires vLLM ${gitlab.vllmMinimum} or newer.`]),
    ...notes.map((note) => `▲ ${note}`),
    '',
    ...models.flatMap((one, at) => [heads[at] ?? '', ...linesOf(one)]),
    ...(recommendation ? ['', `● Recommended: ${recommendation.reason}`] : []),
    ...(models.some((one) => one.fit) && !recommendation ? ['', `■ ${noneText(models)}`] : []),
  ];
}

function noneText(models: ModelAnswer[]): string {
  return models.some(({ fit }) => fit && doesFit(fit))
    ? 'GitLab supports none of the models that fit this machine for the requested features.'
    : 'None of these models is certain to fit this machine.';
}

function headOf({ fit, name, support, hosting }: ModelAnswer): string[] {
  const cloud = hosting === 'cloud' ? '  [LEAVES YOUR NETWORK]' : '';
  return [`${fit ? `${verdictMarks[fit.verdict]} ` : ''}${name}`, `${support}${cloud}`];
}

function linesOf(model: ModelAnswer): string[] {
  const words = Object.entries(model.features).map(
    ([feature, word]) => `${featureLabels[feature as ModelFeature]}: ${word ?? '–'}`,
  );
  const size = model.hosting === 'cloud' ? [] : [`    id ${model.id} · ${weightsText(model)}`];
  return [`    ${words.join(' · ')}`, ...size, ...(model.fit ? [`    ${fitText(model.fit)}`] : [])];
}

function weightsText({ weights }: ModelAnswer): string {
  if (!weights) return 'weights: unknown size';
  const size = `weights: ${bytesText(weights.bytes)} ${weights.precision}`;
  if (weights.basis === 'listed') return `${size}, as listed in its repository`;
  return `${size}, not listed: ${weights.formula ?? `published as a round number (${weights.source})`}`;
}

function fitText(fit: Fit): string {
  const minimum = fit.gitlabMinimum ? ` GitLab requires ${fit.gitlabMinimum.gpus}.` : '';
  return `${verdictWords[fit.verdict]} (${engineWords[fit.engine]}, ${fit.quantization}): ${fit.reason}${minimum}`;
}
