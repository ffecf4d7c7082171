import type { ModelSpec } from '../../../../shared/bundle-spec.ts';
import type { NeededContent, WorkedOut } from '../../../../shared/contract/needs.ts';
import { notesFor } from '../../catalog/list-models.ts';
import { type ChosenModel, chooseModels } from './choose-models.ts';
import { type NeededImage, neededImages } from './needed-images.ts';
import { type NeededPackages, neededPackages } from './needed-packages.ts';
import { type NeededVariant, neededVariants } from './needed-variants.ts';
import type { NeedsQuestion } from './needs-question.ts';
import type { ByHand } from './origins-catalog.ts';

/** An entry for `contents`, and what is said about it. */
export interface NeededModel {
  entry: ModelSpec;
  about: NeededContent;
}

/** What a site needs; the tags of images may still have a * for the highest number. */
export interface RoughNeeds extends Pick<WorkedOut, 'notes'> {
  models: NeededModel[];
  images: NeededImage[];
  packages: NeededPackages[];
  variants: NeededVariant[];
  byHand: ByHand[];
}

const docsOf = ['LICENSE*', 'LICENCE*', 'README.md'];

/** Works out what a site needs, from the catalogues alone. Throws `needs.contradict` with the reasons when its parts exclude each other. */
export function workOut(question: NeedsQuestion): RoughNeeds {
  const chosen = chooseModels(question);
  const { images, byHand } = neededImages(question, chosen);
  const [models, packages] = [chosen.map(neededModel), neededPackages(question)];
  return { models, images, packages, variants: neededVariants(question), byHand, notes: notesOf(question, chosen) };
}

function neededModel({ model, row, gguf, why }: ChosenModel): NeededModel {
  const name = gguf ? `${model.id}-${gguf.quantization}` : model.id;
  const repository = gguf?.repo ?? model.hfRepo ?? '';
  const licence = model.licence?.name;
  const left = gguf ? undefined : model.leaveOut;
  const entry: ModelSpec = {
    kind: 'model',
    name,
    from: 'hub',
    repository,
    ...(gguf && { include: [gguf.file, ...docsOf] }),
    ...(left && { exclude: left.files }),
    ...(licence !== undefined && { licence }),
  };
  const { bytes, source } = gguf ?? model.weights ?? { source: row.source };
  return {
    entry,
    about: {
      kind: 'model',
      name,
      title: gguf ? `${row.name}, ${gguf.quantization}` : row.name,
      why: left ? [...why, `Left out: ${left.files.join(', ')} (${left.source}).`] : why,
      bytes: bytes ?? null,
      licence: licence ?? null,
      source,
    },
  };
}

function notesOf(
  { catalog, chosen, features, site, machine }: NeedsQuestion,
  models: readonly ChosenModel[],
): string[] {
  const agentPlatform = features.includes('agentPlatform')
    ? ['Offline, the Agent Platform needs GitLab 18.9 or later with an offline licence and its own add-on.']
    : [];
  const several =
    models.length > 1
      ? [
          'With vLLM or Ollama a site serves one model, so each of these needs a site of its own; the embedded engine serves several. Whether they fit at the same time is not worked out.',
        ]
      : [];
  const unseen =
    machine || site.engine === 'none'
      ? []
      : [
          'No machine is named (--for readiness.json): whether the model fits it, and which packages it lacks, is unknown.',
        ];
  const page = models.length === 0 ? [] : notesFor(catalog, chosen, features);
  return [...page, ...agentPlatform, ...several, ...unseen];
}
