import { join } from 'node:path';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { urlHost } from '../../http/network-host.ts';
import type { PartConfig, ServicePlan } from '../../serving/parts/parts.ts';
import type { StoredVariant } from '../../serving/variants/stored-variants.ts';
import { reachable } from '../../sites/site-endpoints.ts';
import { type SitePaths, secretFiles } from '../../sites/site-paths.ts';
import type { SecretKind } from '../../sites/site-secret.ts';
import type { ContainerPlan } from '../containers/plan-containers.ts';
import { isSimulated, type WantedService } from '../service/service-plan.ts';
import { containerSteps } from './container-steps.ts';
import { type Step, step } from './step.ts';
import { variantSteps } from './variant-steps.ts';

/** What the steps are made from, besides the site file. */
export interface PlanFacts {
  /** The exact text of the site file. */
  text: string;
  paths: SitePaths;
  service: WantedService;
  /** Builds of llama.cpp for GPUs that its embedded engines try. */
  variants: readonly StoredVariant[];
  /** What the site has in the container engine; null for a site without containers. */
  containers: ContainerPlan | null;
}

/** Returns all steps of a deployment in order, from the site file alone: each step's check finds out what exists. */
export function planSite(site: SiteFile, facts: PlanFacts): Step[] {
  const { plan } = facts.service;
  const containers = containerSteps(site, facts.containers);
  return [
    ...containers.first,
    ...plan.parts.flatMap((part) => portSteps(part, facts.containers)),
    ...containers.ports,
    ...folderSteps(site, facts.paths),
    ...containers.folders,
    ...variantSteps(facts.variants),
    ...secretSteps(site, facts.paths),
    ...fileSteps(facts),
    ...containers.files,
    ...containers.beforeService,
    ...processSteps(plan),
    ...containers.afterService,
  ];
}

/** Returns a part's name for people; stand-ins say SIMULATED. */
export function partTitle(part: { kind: string; name: string; servedName?: string }): string {
  const titles: Record<string, string> = {
    llamacpp: 'model server (llama.cpp)',
    front: 'front',
    'simulated-gitlab': 'SIMULATED GitLab',
    'simulated-gateway': 'SIMULATED AI Gateway',
  };
  const title = titles[part.kind] ?? part.name;
  // With a list of models, their parts are told apart by what they serve.
  return part.kind === 'llamacpp' && part.name !== 'model' ? `${title} of ${part.servedName}` : title;
}

function portSteps(part: PartConfig, containers: ContainerPlan | null): Step[] {
  if (part.kind === 'llamacpp') return [];
  const { host, port, name } = part;
  const target = { kind: 'port' as const, host, port, part: name, containers };
  return [step(`port.${name}`, `Port for the ${partTitle(part)}`, address(host, port), target, isSimulated(part))];
}

function folderSteps({ gitlab }: SiteFile, paths: SitePaths): Step[] {
  const folders = {
    site: paths.folder,
    secrets: paths.secrets,
    logs: paths.logs,
    // Only the stand-in for GitLab keeps a file.
    ...(gitlab.simulated && { 'stand-ins': paths.standIns }),
    evidence: paths.evidence,
  };
  return Object.entries(folders).map(([name, path]) => {
    const title = name === 'site' ? 'Site folder' : `Folder for ${name}`;
    return step(`folder.${name}`, title, `${path}, mode 0700`, { kind: 'folder', path });
  });
}

function secretSteps(site: SiteFile, paths: SitePaths): Step[] {
  const make = (title: string, name: string, secret: SecretKind, simulated = false): Step => {
    const path = join(paths.secrets, name);
    return step(`secret.${name}`, title, `${path}, mode 0600`, { kind: 'secret', path, name, secret }, simulated);
  };
  const gatewayKeys = [
    make('Gateway signing key (RSA 2048)', secretFiles.gatewaySigning, 'rsa-2048'),
    make('Gateway validation key (RSA 2048)', secretFiles.gatewayValidation, 'rsa-2048'),
  ];
  const agentPlatformKeys = [
    make('Agent Platform signing key (RSA 2048)', secretFiles.workflowSigning, 'rsa-2048'),
    make('Agent Platform validation key (RSA 2048)', secretFiles.workflowValidation, 'rsa-2048'),
  ];
  return [
    make('Front API key', secretFiles.frontApiKey, 'front-api-key'),
    // An existing gateway has keys of its own.
    ...(site.gateway.kind === 'existing' ? [] : gatewayKeys),
    // The stand-in has no Agent Platform: it would read none of these.
    ...(site.gateway.kind === 'container' ? agentPlatformKeys : []),
    ...(site.gitlab.simulated
      ? [make('Admin token of the SIMULATED GitLab', secretFiles.simulatedGitlabToken, 'gitlab-token', true)]
      : []),
  ];
}

function fileSteps({ paths, text, service }: PlanFacts): Step[] {
  const file = (id: string, title: string, path: string, content: string): Step =>
    step(`file.${id}`, title, `${path}, mode 0600`, { kind: 'file', path, content });
  return [
    file('site', 'Copy of the site file', paths.siteFile, text),
    file('service-plan', 'Service plan', paths.servicePlan, service.text),
  ];
}

function processSteps({ parts }: ServicePlan): Step[] {
  const kind = 'process' as const;
  const front = parts.find((part) => part.kind === 'front');
  const url = front && `http://${address(reachable(front.host), front.port)}/health`;
  return [
    step('process.service', 'Site service', 'service, detached from this terminal', { kind, run: 'service' }),
    ...parts.map((part) => {
      const where = part.kind === 'llamacpp' ? '127.0.0.1, a free port' : address(part.host, part.port);
      const target = { kind, run: 'part' as const, part: part.name };
      const title = `Process of the ${partTitle(part)}`;
      const slots = part.kind === 'llamacpp' && part.slots > 1 ? `, ${part.slots} requests at once` : '';
      return step(`process.${part.name}`, title, `part-${part.kind} on ${where}${slots}`, target, isSimulated(part));
    }),
    ...(url ? [step('check.front', 'Front health check', `GET ${url}`, { kind, run: 'front-health', url })] : []),
  ];
}

function address(host: string, port: number): string {
  return `${urlHost(host)}:${port}`;
}
