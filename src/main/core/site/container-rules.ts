import type { SiteFile } from '../../../shared/site-file.ts';
import { isLoopback, isWildcard } from './host-kind.ts';
import type { RuleProblem } from './rule-problem.ts';

const containerEngines = ['vllm', 'ollama', 'litellm-ollama'];

/** True when deploy makes containers for the site. */
export function usesContainers(site: SiteFile): boolean {
  return site.gateway.kind === 'container' || hasModelContainer(site);
}

/** True when the model server of the site is a container. */
export function hasModelContainer({ model }: SiteFile): boolean {
  return containerEngines.includes(model.engine);
}

/** The rules between the fields that containers add to a site file. */
export function containerRules(site: SiteFile): RuleProblem[] {
  return [...gatewayFields(site), ...modelFields(site), ...addresses(site), ...eras(site)];
}

function gatewayFields({ gateway }: SiteFile): RuleProblem[] {
  if (gateway.kind === 'container') {
    const example = 'registry.gitlab.com/gitlab-org/modelops/applied-ml/code-suggestions/ai-assist/model-gateway:TAG';
    return gateway.image
      ? []
      : [{ path: ['gateway', 'image'], expected: `kind container needs the image, as in ${example}` }];
  }
  return misplaced('gateway', gateway, ['image', 'subnet', 'memoryGiB', 'cpus'], 'belongs to kind container only');
}

function modelFields({ model }: SiteFile): RuleProblem[] {
  if (!containerEngines.includes(model.engine)) {
    const fields = ['image', 'litellmImage', 'gpu', 'subnet', 'memoryGiB', 'cpus', 'vllm'] as const;
    return misplaced('model', model, [...fields], `belongs to the engines ${containerEngines.join(', ')}`);
  }
  const problems: RuleProblem[] = [];
  if (!model.image)
    problems.push({ path: ['model', 'image'], expected: `engine ${model.engine} needs the image of its server` });
  if (model.engine === 'litellm-ollama' && !model.litellmImage)
    problems.push({ path: ['model', 'litellmImage'], expected: 'engine litellm-ollama needs the image of LiteLLM' });
  if (model.engine !== 'litellm-ollama')
    problems.push(...misplaced('model', model, ['litellmImage'], 'belongs to engine litellm-ollama only'));
  if (model.engine !== 'vllm')
    problems.push(...misplaced('model', model, ['vllm'], 'holds options of engine vllm only'));
  if (model.gpu === 'none' && (model.vllm?.tensorParallel ?? 1) > 1)
    problems.push({ path: ['model', 'vllm', 'tensorParallel'], expected: 'without a GPU only 1 is possible' });
  return problems;
}

function addresses({ gateway, gitlab, front }: SiteFile): RuleProblem[] {
  if (gateway.kind !== 'container') return [];
  const problems: RuleProblem[] = [];
  if (isLoopback(new URL(gitlab.url).hostname))
    problems.push({
      path: ['gitlab', 'url'],
      expected: "in the gateway's container this names the container itself: give the address that other machines use",
    });
  if (!gitlab.simulated && isLoopback(gateway.host))
    problems.push({
      path: ['gateway', 'host'],
      expected: 'GitLab accepts no loopback address: give the address or name by which GitLab reaches this machine',
    });
  if (isWildcard(gateway.host))
    problems.push({
      path: ['gateway', 'host'],
      expected: 'give the address or name by which GitLab reaches this machine',
    });
  if (front.host === 'localhost')
    problems.push({ path: ['front', 'host'], expected: 'give 127.0.0.1, or an address that containers reach' });
  return problems;
}

function eras({ gitlab, model }: SiteFile): RuleProblem[] {
  // GitLab's pages describe LiteLLM before Ollama for 17.x alone.
  if (model.engine !== 'litellm-ollama' || gitlab.version.startsWith('17.')) return [];
  return [
    { path: ['model', 'engine'], expected: 'is for GitLab 17.x: give ollama (the front takes the place of LiteLLM)' },
  ];
}

function misplaced(group: string, values: object, fields: string[], why: string): RuleProblem[] {
  return fields
    .filter((field) => (values as Record<string, unknown>)[field] !== undefined)
    .map((field) => ({ path: [group, field], expected: `${why}: remove it` }));
}
