import { type ModelSite, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { RuleProblem } from './rule-problem.ts';

/** The engine of which a site serves one model only: GitLab described it for one. */
const aloneEngine = 'litellm-ollama';
/** The name of a part has at most 63 characters, `model-` included. */
const longestServedName = 57;

/** The rules for which models a site file has. */
export const modelRules: readonly ((site: SiteFile) => RuleProblem[])[] = [
  oneForm,
  uniqueNames,
  featuresOnce,
  enginesOfSeveral,
  gpusOnce,
  oneSubnet,
  namesBeforeIdentifiers,
];

/** Makes a rule about the model of a site a rule about each model of a site file. */
export function ofEachModel(rule: (site: ModelSite) => RuleProblem[]): (site: SiteFile) => RuleProblem[] {
  return (site) =>
    modelSites(site).flatMap((one, at) =>
      rule(one).map(({ path: [group = '', ...rest], expected }) => {
        const isListed = site.models !== undefined && group === 'model';
        return { path: isListed ? ['models', at, ...rest] : [group, ...rest], expected };
      }),
    );
}

/** Returns the problem of `features` next to `models`, which a parsed site file no longer shows. */
export function doubleFeatures(value: unknown): RuleProblem[] {
  const { models, features } = (value ?? {}) as { models?: unknown; features?: unknown };
  if (models === undefined || features === undefined) return [];
  return [{ path: ['features'], expected: 'list the features of each model in models instead: remove it' }];
}

function oneForm({ model, models }: SiteFile): RuleProblem[] {
  if (model && models) return [{ path: ['models'], expected: 'use either model or models: remove one of them' }];
  if (model || models) return [];
  return [{ path: ['model'], expected: 'required: the model that the site serves (or a list of several in models)' }];
}

function uniqueNames({ models = [] }: SiteFile): RuleProblem[] {
  return models.flatMap(({ servedName }, at) => {
    const path = ['models', at, 'servedName'];
    if (servedName.length > longestServedName)
      return [{ path, expected: `use at most ${longestServedName} characters where there are several models` }];
    const first = models.findIndex((one) => one.servedName === servedName);
    return first === at
      ? []
      : [{ path, expected: `use another name than models.${first}: the front tells them apart by it` }];
  });
}

function featuresOnce({ models = [] }: SiteFile): RuleProblem[] {
  return models.flatMap(({ features }, at) =>
    features.flatMap((feature, index) => {
      const earlier = models.slice(0, at).find((one) => one.features.includes(feature));
      if (!earlier && features.indexOf(feature) === index) return [];
      const expected = `${feature} is already served by ${earlier?.servedName ?? 'this model'}: GitLab assigns a feature to one model`;
      return [{ path: ['models', at, 'features', index], expected }];
    }),
  );
}

function enginesOfSeveral({ models = [] }: SiteFile): RuleProblem[] {
  return models.flatMap(({ engine }, at) =>
    engine === aloneEngine
      ? [
          {
            path: ['models', at, 'engine'],
            expected: `${engine} serves the only model of a site: use model, or ollama here (the front replaces LiteLLM)`,
          },
        ]
      : [],
  );
}

function gpusOnce({ models = [] }: SiteFile): RuleProblem[] {
  return models.flatMap(({ gpus = [] }, at) =>
    gpus.flatMap((gpu, index) => {
      const path = ['models', at, 'gpus', index];
      const earlier = models.slice(0, at).findIndex((one) => one.gpus?.includes(gpu));
      return earlier < 0
        ? []
        : [{ path, expected: `GPU ${gpu} is already taken by models.${earlier}: use another one` }];
    }),
  );
}

function oneSubnet({ models = [] }: SiteFile): RuleProblem[] {
  const first = models.findIndex(({ subnet }) => subnet !== undefined);
  return models.flatMap(({ subnet }, at) =>
    subnet === undefined || subnet === models[first]?.subnet
      ? []
      : [
          {
            path: ['models', at, 'subnet'],
            expected: `all model servers are in one network: use that of models.${first}`,
          },
        ],
  );
}

/* GitLab knows identifiers from 17.5 on; before, the gateway asks for a model by its family. One alone answers under any name. */
function namesBeforeIdentifiers({ gitlab, models = [] }: SiteFile): RuleProblem[] {
  if (models.length < 2 || !/^17\.[1-4](\.|$)/.test(gitlab.version)) return [];
  return models.flatMap(({ servedName, family }, at) => {
    const first = models.findIndex((one) => one.family === family);
    const asked = `GitLab ${gitlab.version} asks for a model by its family`;
    if (first !== at)
      return [{ path: ['models', at, 'family'], expected: `use another than models.${first}: ${asked}` }];
    const name = family.toLowerCase();
    return servedName === name ? [] : [{ path: ['models', at, 'servedName'], expected: `use ${name}: ${asked}` }];
  });
}
