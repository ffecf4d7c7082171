import { bytesText } from '../../shared/bytes-text.ts';
import type { PlannedModel } from '../../shared/contract/models.ts';
import { featureLabels } from '../../shared/feature-labels.ts';
import { engineWords, verdictWords } from '../../shared/verdict-words.ts';
import { verdictMarks } from './plan-lines.ts';

interface PlannedSet {
  gitlab: { first: string; last: string; sourceText: string };
  notes: string[];
  machine: { hostname: string; gpus: number };
  models: PlannedModel[] | null;
  why: string[];
  rules: string[];
}

/** Returns a planned set of models: each with its features in GitLab's words, its GPUs and its memory, then the reasons and the rules. */
export function setLines({ gitlab, notes, machine, models, why, rules }: PlannedSet): string[] {
  const span = gitlab.first === gitlab.last ? gitlab.first : `${gitlab.first}–${gitlab.last}`;
  const heads = [
    `By GitLab's page for ${span} (${gitlab.sourceText}), on ${machine.hostname} with ${counted(machine.gpus, 'GPU')}`,
    ...notes.map((note) => `▲ ${note}`),
    '',
  ];
  if (!models) return [...heads, '■ No set of models covers these features here.', ...why.map((one) => `    ${one}`)];
  return [
    ...heads,
    `● The cheapest set: ${counted(models.length, 'model')}`,
    ...models.flatMap(linesOf),
    ...(why.length > 0 ? ['', ...why] : []),
    '',
    'Chosen by',
    ...rules.map((rule, at) => `  ${at + 1}. ${rule}`),
  ];
}

function linesOf(model: PlannedModel): string[] {
  const { name, modelId, engine, quantization, gpuIndexes, totalBytes, verdict, supportText, spread } = model;
  const where = gpuIndexes.length === 0 ? 'in main memory' : `on GPU ${gpuIndexes.join(', ')}`;
  const size = totalBytes === null ? 'unknown size' : bytesText(totalBytes);
  const words = model.features.map(({ feature, word }) => `${featureLabels[feature]}: ${word ?? 'listed'}`);
  return [
    `${verdictMarks[verdict]} ${name}, ${engineWords[engine]}, ${quantization}, ${where}: ${size}, ${verdictWords[verdict]}`,
    ...[`id ${modelId}`, words.join(' · '), supportText, ...spread].map((line) => `    ${line}`),
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
