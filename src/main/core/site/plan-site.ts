import { join } from 'node:path';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { PartConfig, ServicePlan } from '../serving/parts.ts';
import { containerSteps } from './containers/container-steps.ts';
import type { ContainerPlan } from './containers/plan-containers.ts';
import type { StoredModel } from './find-model.ts';
import { isSimulated, servicePlanOf } from './service-plan.ts';
import { type SitePaths, secretFiles } from './site-paths.ts';
import type { SecretKind } from './site-secret.ts';
import type { Step } from './step.ts';

/** What planning needs to know beside the site file. */
export interface PlanFacts {
  /** The exact text of the site file. */
  text: string;
  paths: SitePaths;
  /** The model of the store; null for engine external. */
  model: StoredModel | null;
  /** What the site has in the container engine; null for a site without containers. */
  containers: ContainerPlan | null;
}

/** All steps of a deployment in order, from the answers alone: what exists already is found out by each step's check. */
export function planSite(site: SiteFile, facts: PlanFacts): Step[] {
  const plan = servicePlanOf(site, facts.paths, facts.model, facts.containers);
  const containers = containerSteps(site, facts.containers);
  return [
    ...containers.first,
    ...plan.parts.flatMap(portStep),
    ...containers.ports,
    ...folderSteps(facts.paths),
    ...containers.folders,
    ...secretSteps(site, facts.paths),
    ...fileSteps(facts, plan),
    ...containers.files,
    ...containers.beforeService,
    ...processSteps(plan),
    ...containers.afterService,
  ];
}

/** The text of a service plan as deploy writes it. */
export function servicePlanText(plan: ServicePlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/** A part as people read it; stand-ins say SIMULATED. */
export function partTitle(part: { kind: string; name: string }): string {
  const titles: Record<string, string> = {
    llamacpp: 'model server (llama.cpp)',
    front: 'front',
    'simulated-gitlab': 'SIMULATED GitLab',
    'simulated-gateway': 'SIMULATED AI Gateway',
  };
  return titles[part.kind] ?? part.name;
}

function portStep(part: PartConfig): Step[] {
  if (part.kind === 'llamacpp') return [];
  const { host, port, name } = part;
  return [
    {
      id: `port.${name}`,
      title: `Port for the ${partTitle(part)}`,
      kind: 'port',
      what: address(host, port),
      simulated: isSimulated(part),
      host,
      port,
      part: name,
    },
  ];
}

function folderSteps(paths: SitePaths): Step[] {
  const folders = {
    site: paths.folder,
    secrets: paths.secrets,
    logs: paths.logs,
    'stand-ins': paths.standIns,
    evidence: paths.evidence,
  };
  return Object.entries(folders).map(([name, path]) => ({
    id: `folder.${name}`,
    title: name === 'site' ? 'Folder of the site' : `Folder for ${name}`,
    kind: 'folder',
    what: `${path}, mode 0700`,
    simulated: false,
    path,
  }));
}

function secretSteps(site: SiteFile, paths: SitePaths): Step[] {
  const step = (title: string, name: string, secret: SecretKind, simulated = false): Step => {
    const path = join(paths.secrets, name);
    return { id: `secret.${name}`, title, kind: 'secret', what: `${path}, mode 0600`, simulated, path, name, secret };
  };
  return [
    step('API key of the front', secretFiles.frontApiKey, 'front-api-key'),
    step("Gateway's signing key (RSA 2048)", secretFiles.gatewaySigning, 'rsa-2048'),
    step("Gateway's validation key (RSA 2048)", secretFiles.gatewayValidation, 'rsa-2048'),
    step("Agent Platform's signing key (RSA 2048)", secretFiles.workflowSigning, 'rsa-2048'),
    step("Agent Platform's validation key (RSA 2048)", secretFiles.workflowValidation, 'rsa-2048'),
    ...(site.gitlab.simulated
      ? [step('Admin token of the SIMULATED GitLab', secretFiles.simulatedGitlabToken, 'gitlab-token', true)]
      : []),
  ];
}

function fileSteps({ paths, text }: PlanFacts, plan: ServicePlan): Step[] {
  const file = (id: string, title: string, path: string, content: string): Step => {
    return { id: `file.${id}`, title, kind: 'file', what: `${path}, mode 0600`, simulated: false, path, content };
  };
  return [
    file('site', 'Copy of the site file', paths.siteFile, text),
    file('service-plan', 'Plan of the service', paths.servicePlan, servicePlanText(plan)),
  ];
}

function processSteps(plan: ServicePlan): Step[] {
  const front = plan.parts.find((part) => part.kind === 'front');
  const parts = plan.parts.map((part): Step => {
    const where = part.kind === 'llamacpp' ? '127.0.0.1, a free port' : address(part.host, part.port);
    return {
      id: `process.${part.name}`,
      title: `Process of the ${partTitle(part)}`,
      kind: 'process',
      what: `part-${part.kind} on ${where}`,
      simulated: isSimulated(part),
      run: 'part',
      part: part.name,
    };
  });
  const url = front ? `http://${address(reachable(front.host), front.port)}/health` : '';
  return [
    {
      id: 'process.service',
      title: 'Service of the site',
      kind: 'process',
      what: 'service, detached from this terminal',
      simulated: false,
      run: 'service',
    },
    ...parts,
    ...(front
      ? [
          {
            id: 'check.front',
            title: 'Answer of the front',
            kind: 'process' as const,
            what: `GET ${url}`,
            simulated: false,
            run: 'front-health' as const,
            url,
          },
        ]
      : []),
  ];
}

function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

// What listens on all addresses is asked on loopback.
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
