import { cloudOf, cloudPlatforms, usedPlatforms } from '../../../shared/cloud-platforms.ts';
import type { ModelSite } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { ofEachModel } from './model-rules.ts';
import type { RuleProblem } from './rule-problem.ts';

/** The rules between fields that models of platforms on the internet add to a site file. */
export const cloudRules: readonly ((site: SiteFile) => RuleProblem[])[] = [
  ofEachModel(modelFields),
  awsFields,
  awsEras,
  access,
];

function modelFields({ model, gitlab, gateway }: ModelSite): RuleProblem[] {
  const at = (field: string, expected: string): RuleProblem => ({ path: ['model', field], expected });
  if (model.engine !== 'cloud')
    return model.identifier === undefined
      ? []
      : [at('identifier', 'only for engine cloud: Sealift builds the one of a server of your own, remove it')];
  const platform = cloudOf(model);
  if (!platform) {
    const known = cloudPlatforms.map(({ id }) => `${id}/`).join(', ');
    return [at('identifier', `required with engine cloud, with one of these before the model: ${known}`)];
  }
  const { title, credentials } = platform;
  const byGateway = `${title} gets it from the gateway's container: remove it`;
  return [
    // The gateway does not know what it should ask.
    ...(/^17\.[1-4](\.|$)/.test(gitlab.version)
      ? [at('engine', 'cloud needs GitLab 17.5 or later: earlier versions know no identifiers')]
      : []),
    ...(gateway.kind === 'simulated'
      ? [at('engine', 'a simulated gateway asks no platform on the internet: use gateway.kind existing or container')]
      : []),
    ...(credentials === 'gateway' && model.endpoint !== undefined ? [at('endpoint', byGateway)] : []),
    ...(credentials === 'gateway' && model.endpointKey !== undefined ? [at('endpointKey', byGateway)] : []),
    ...(credentials === 'gitlab' && model.endpointKey === undefined
      ? [at('endpointKey', `required for ${title}: the file or variable with its key`)]
      : []),
    ...(platform.endpoint === undefined && model.endpoint === undefined
      ? [at('endpoint', `required for ${title}: the address of your resource there`)]
      : []),
  ];
}

const atAws = (field: string, expected: string): RuleProblem => ({ path: ['gateway', 'aws', field], expected });

/** A gateway ignores variables that it does not know, and would then ask the public endpoint, or without credentials. */
function awsEras({ gitlab, gateway }: SiteFile): RuleProblem[] {
  const { apiKey, runtimeEndpoint } = gateway.aws ?? {};
  const without = (since: string, advice: string) =>
    `the gateway of this GitLab does not know it (${since} does): ${advice}`;
  return [
    ...(runtimeEndpoint !== undefined && /^17(\.|$)/.test(gitlab.version)
      ? [atAws('runtimeEndpoint', without('18.0', 'without it, prompts go to the public endpoint of AWS'))]
      : []),
    ...(apiKey !== undefined && /^1[78](\.|$)/.test(gitlab.version)
      ? [atAws('apiKey', without('19.0', 'use accessKeyId and secretAccessKey'))]
      : []),
  ];
}

function awsFields({ gateway }: SiteFile): RuleProblem[] {
  const { accessKeyId, secretAccessKey, apiKey } = gateway.aws ?? {};
  if (apiKey && (accessKeyId || secretAccessKey))
    return [atAws('apiKey', 'use it instead of the other two, not with them')];
  if ((accessKeyId === undefined) === (secretAccessKey === undefined)) return [];
  return accessKeyId === undefined
    ? [atAws('accessKeyId', 'required with secretAccessKey')]
    : [atAws('secretAccessKey', 'required with accessKeyId')];
}

/** A gateway that others run has its credentials from them. */
function access(site: SiteFile): RuleProblem[] {
  if (site.gateway.kind !== 'container') return [];
  const used = usedPlatforms(site).map(({ id }) => id);
  const groups = [
    ['aws', 'bedrock', 'AWS Bedrock: its region, and the keys unless the machine has a role'],
    ['google', 'vertex_ai', 'Google Vertex AI: its project and location'],
  ] as const;
  return groups.flatMap(([field, id, what]) => {
    const path = ['gateway', field];
    if (used.includes(id)) return site.gateway[field] ? [] : [{ path, expected: `required for ${what}` }];
    return site.gateway[field] ? [{ path, expected: `only for models of ${what.split(':')[0]}: remove it` }] : [];
  });
}
