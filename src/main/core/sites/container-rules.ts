import { type ModelSite, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile, SiteModel } from '../../../shared/site-file.ts';
import { gpusOfParallel } from '../../../shared/vllm-options.ts';
import { isLoopback } from '../http/network-host.ts';
import { ofEachModel } from './model-rules.ts';
import type { RuleProblem } from './rule-problem.ts';

const containerEngines = ['vllm', 'ollama', 'litellm-ollama'];

/** True when deploy makes containers for the site. */
export function usesContainers(site: SiteFile): boolean {
  return site.gateway.kind === 'container' || modelSites(site).some(hasModelContainer);
}

/** True when the server of this model is a container. */
export function hasModelContainer({ model }: ModelSite): boolean {
  return containerEngines.includes(model.engine);
}

/** The rules between fields that containers add to a site file. */
export const containerRules: readonly ((site: SiteFile) => RuleProblem[])[] = [
  gatewayFields,
  ofEachModel(modelFields),
  addresses,
  ofEachModel(modelEras),
  gatewayEras,
];

const ofExisting = ['url', 'grpcTls'];

function gatewayFields({ gateway }: SiteFile): RuleProblem[] {
  const wrong = gateway.kind === 'existing' ? [] : misplaced('gateway', gateway, ofExisting, 'only for kind existing');
  if (gateway.kind === 'container') {
    const example = 'registry.gitlab.com/gitlab-org/modelops/applied-ml/code-suggestions/ai-assist/model-gateway:TAG';
    return gateway.image
      ? wrong
      : [...wrong, { path: ['gateway', 'image'], expected: `required with kind container, for example ${example}` }];
  }
  const ofAny = ['kind', 'host', 'httpPort', 'grpcPort', ...ofExisting];
  const fields = Object.keys(gateway).filter((field) => !ofAny.includes(field));
  return [...wrong, ...misplaced('gateway', gateway, fields, 'only for kind container')];
}

function modelFields(site: ModelSite): RuleProblem[] {
  const { model } = site;
  const wrong = model.engine === 'llamacpp' ? [] : misplaced('model', model, ['slots'], 'only for engine llamacpp');
  return [...wrong, ...containerFields(site)];
}

function containerFields({ model }: ModelSite): RuleProblem[] {
  if (!containerEngines.includes(model.engine)) {
    const fields = ['image', 'litellmImage', 'gpus', 'subnet', 'memoryGiB', 'cpus', 'vllm'] as const;
    const only = `only for the engines ${containerEngines.join(', ')}`;
    // The embedded engine uses a GPU where it can, unless it is told not to.
    const isTaken = model.engine === 'llamacpp' && model.gpu === 'none';
    return misplaced('model', model, isTaken ? [...fields] : [...fields, 'gpu'], only);
  }
  const problems: RuleProblem[] = [];
  if (!model.image)
    problems.push({
      path: ['model', 'image'],
      expected: `required with engine ${model.engine}: the image of its server`,
    });
  if (model.engine === 'litellm-ollama' && !model.litellmImage)
    problems.push({
      path: ['model', 'litellmImage'],
      expected: 'required with engine litellm-ollama: the image of LiteLLM',
    });
  if (model.engine !== 'litellm-ollama')
    problems.push(...misplaced('model', model, ['litellmImage'], 'only for engine litellm-ollama'));
  if (model.engine !== 'vllm') problems.push(...misplaced('model', model, ['vllm'], 'only for engine vllm'));
  if (model.gpu === 'none' && (model.vllm?.tensorParallel ?? 1) > 1)
    problems.push({ path: ['model', 'vllm', 'tensorParallel'], expected: 'must be 1 without a GPU' });
  return [...problems, ...gpuNumbers(model)];
}

function gpuNumbers({ gpu, gpus, vllm }: SiteModel): RuleProblem[] {
  if (!gpus) return [];
  const path = ['model', 'gpus'];
  if (gpu === 'none') return [{ path, expected: 'must be left out with gpu none' }];
  const twice = gpus.findIndex((one, at) => gpus.indexOf(one) !== at);
  if (twice >= 0) return [{ path: [...path, twice], expected: `name GPU ${gpus[twice]} once` }];
  const needed = gpusOfParallel(vllm);
  return needed > gpus.length ? [{ path, expected: `name ${needed} GPUs: vllm sets a parallelism of that many` }] : [];
}

function addresses({ gateway, gitlab, front }: SiteFile): RuleProblem[] {
  if (gateway.kind !== 'container') return [];
  const problems: RuleProblem[] = [];
  if (isLoopback(new URL(gitlab.url).hostname))
    problems.push({
      path: ['gitlab', 'url'],
      expected:
        "inside the gateway's container this means the container itself: use the address that other machines use",
    });
  if (!gitlab.simulated && isLoopback(gateway.host))
    problems.push({
      path: ['gateway', 'host'],
      expected: 'GitLab rejects loopback addresses: use the address or name by which GitLab reaches this machine',
    });
  if (front.host === 'localhost')
    problems.push({ path: ['front', 'host'], expected: 'use 127.0.0.1 or an address that containers can reach' });
  return problems;
}

// GitLab documents LiteLLM in front of Ollama for 17.x only.
function modelEras({ gitlab, model }: ModelSite): RuleProblem[] {
  if (model.engine !== 'litellm-ollama' || gitlab.version.startsWith('17.')) return [];
  return [{ path: ['model', 'engine'], expected: 'only for GitLab 17.x: use ollama (the front replaces LiteLLM)' }];
}

function gatewayEras({ gitlab, gateway }: SiteFile): RuleProblem[] {
  const problems: RuleProblem[] = [];
  if (gateway.docsIndex && !/^17\.[1-3](\.|$)/.test(gitlab.version))
    problems.push({
      path: ['gateway', 'docsIndex'],
      expected: 'only for GitLab up to 17.3: the image of this GitLab contains it, remove it',
    });
  if (gateway.logFolder && /^17\.[1-3](\.|$)/.test(gitlab.version))
    problems.push({
      path: ['gateway', 'logFolder'],
      expected: 'the gateway of this GitLab cannot log into a file (17.4 can): remove it',
    });
  // Gateways ignore variables that they do not know, and would then answer in plain text.
  if (gateway.tls && /^(1[78]|19\.0)(\.|$)/.test(gitlab.version))
    problems.push({
      path: ['gateway', 'tls'],
      expected: 'the gateway of this GitLab has no TLS of its own (19.1 has): put a TLS proxy in front, and remove it',
    });
  return problems;
}

function misplaced(group: string, values: object, fields: string[], why: string): RuleProblem[] {
  return fields
    .filter((field) => (values as Record<string, unknown>)[field] !== undefined)
    .map((field) => ({ path: [group, field], expected: `${why}: remove it` }));
}
