import { cloudOf, cloudPlatforms, usedPlatforms } from '../../../shared/cloud-platforms.ts';
import type { ModelSite } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { ofEachModel } from './model-rules.ts';
import type { RuleProblem } from './rule-problem.ts';

/** The rules between fields that models of platforms on the internet add to a site file. */
export const cloudRules: readonly ((site: SiteFile) => RuleProblem[])[] = [ofEachModel(modelFields), awsFields, access];

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

function awsFields({ gateway }: SiteFile): RuleProblem[] {
  const { accessKeyId, secretAccessKey, apiKey } = gateway.aws ?? {};
  const at = (field: string, expected: string): RuleProblem => ({ path: ['gateway', 'aws', field], expected });
  if (apiKey && (accessKeyId || secretAccessKey))
    return [at('apiKey', 'use it instead of the other two, not with them')];
  if ((accessKeyId === undefined) === (secretAccessKey === undefined)) return [];
  return accessKeyId === undefined
    ? [at('accessKeyId', 'required with secretAccessKey')]
    : [at('secretAccessKey', 'required with accessKeyId')];
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
