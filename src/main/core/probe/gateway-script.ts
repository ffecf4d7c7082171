import { freemem } from 'node:os';
import { boundedText } from '../../../shared/bounded-text.ts';
import type { GatewayScript } from '../../../shared/contract/probe.ts';
import { type AppError, appError } from '../../../shared/errors/app-error.ts';
import { frontedSites, type ModelSite } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { askFromInside } from '../engine/ask-from-inside.ts';
import { awaitHealthy } from '../engine/await-healthy.ts';
import type { Engine } from '../engine/connect-engine.ts';
import { ensureContainer } from '../engine/ensure-container.ts';
import { execInContainer } from '../engine/exec-in-container.ts';
import { type SiteMark, siteFilter } from '../engine/labels.ts';
import { networkState } from '../engine/networks-and-volumes.ts';
import type { CorePorts } from '../ports.ts';
import { fillSecrets } from '../site/containers/fill-secrets.ts';
import { gatewayBytes } from '../site/containers/gateway-container.ts';
import type { ContainerPlan } from '../site/containers/plan-containers.ts';
import { deployedContainerPlan } from '../site/containers/site-plan.ts';
import { readSiteSecret } from '../sites/gitlab-token.ts';
import { openSite } from '../sites/open-site.ts';
import { readSiteFile } from '../sites/read-site-file.ts';
import { modelNames, siteEndpoints } from '../sites/site-endpoints.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import type { Work } from '../work.ts';
import { cleanText } from './clean-text.ts';
import { commandsByHand } from './script-by-hand.ts';
import { scriptContainer, scriptPart } from './script-container.ts';
import { type ScriptInput, scriptDriver } from './script-driver.ts';

// The script itself waits up to 90 s.
const scriptSeconds = 180;
const maxLines = 120;
const maxLineChars = 300;

/** Runs the gateway's own script for each model of a site, or says how a person does where the gateway is not a container of Sealift's. */
export async function gatewayScript(ports: CorePorts, siteFile: string, work: Work): Promise<GatewayScript> {
  const { site, paths } = await openSite(ports.paths.sites, siteFile);
  const refuse = (why: string) => appError('probe.no-gateway-script', { site: site.name, why, siteFile });
  if (site.gateway.kind === 'simulated') throw refuse('its SIMULATED gateway is a process that has none');
  if (site.gateway.kind === 'existing')
    return {
      state: 'by-hand',
      site: site.name,
      gatewayUrl: siteEndpoints(site).gatewayUrl,
      commands: commandsByHand(site, paths),
    };
  const plan = await deployedContainerPlan(ports, paths);
  const apiKey = await readSiteSecret(paths, 'frontApiKey');
  if (!plan?.gateway || !apiKey)
    throw appError('probe.not-deployed', { site: site.name, siteFile, missing: "gateway's container" });
  const why = await reasonAgainst(plan);
  if (why !== undefined) throw refuse(why);
  const { site: deployed } = await readSiteFile(paths.siteFile);
  return runScripts(deployed, { plan, paths, apiKey, work, refuse });
}

interface Running {
  plan: ContainerPlan;
  paths: SitePaths;
  apiKey: string;
  work: Work;
  refuse(why: string): AppError;
}

async function reasonAgainst({ engine, gateway, networks }: ContainerPlan): Promise<string | undefined> {
  for (const network of networks.filter(({ name }) => gateway?.spec.networks.some((one) => one.name === name)))
    if ((await networkState(engine, network)) !== 'as-wanted') return "the gateway's network is not as deployed";
  const bytes = gateway?.spec.memoryBytes ?? gatewayBytes;
  return freemem() < bytes ? 'there is not enough free memory for a second gateway beside the running one' : undefined;
}

async function runScripts(site: SiteFile, running: Running): Promise<GatewayScript> {
  const { plan, paths, apiKey, work, refuse } = running;
  const { engine, mark, gateway } = plan;
  if (!gateway) throw refuse('it has no container');
  if (frontedSites(site).length === 0) throw refuse('the script asks no platform on the internet');
  const planned = await scriptContainer(engine, gateway);
  const spec = await fillSecrets(planned, paths);
  if (!spec) throw refuse('its keys are missing');
  const { name } = spec;
  const runs: Extract<GatewayScript, { state: 'ran' }>['runs'] = [];
  // A run that was killed may have left one.
  await removeScriptContainer(engine, mark, name);
  try {
    work.step('start', `Start ${name}, which answers without tokens, beside the gateway`);
    const { id } = await ensureContainer(engine, spec, mark.owner);
    const base = `127.0.0.1:${gateway.spec.ports[0]?.containerPort ?? 5052}`;
    const isHealthy = async (signal: AbortSignal) => {
      const ask = { method: 'GET' as const, url: `http://${base}/monitoring/healthz`, timeoutMs: 5000 };
      const answer = await askFromInside(engine, id, ask, signal);
      return answer.kind === 'answer' && answer.status === 200;
    };
    const options = { timeoutMs: planned.startTimeoutMs, signal: work.signal };
    await awaitHealthy(engine, { id, name: scriptPart }, isHealthy, options);
    for (const of of frontedSites(site)) {
      work.step(`script-${of.model.servedName}`, `Run the script for ${of.model.servedName}`);
      const executed = await runScript(engine, id, inputFor(site, of, base, apiKey), work.signal);
      if (!executed) throw refuse("its image has no such script (GitLab's images have one from 17.3)");
      const output = linesOf(executed.output, apiKey);
      runs.push({ model: of.model.servedName, passed: executed.exitCode === 0, output });
    }
  } finally {
    work.step('remove', `Remove ${name}`);
    await removeScriptContainer(engine, mark, name);
  }
  return { state: 'ran', site: site.name, simulated: spec.simulated, container: name, runs };
}

function inputFor(site: SiteFile, of: ModelSite, endpoint: string, apiKey: string): ScriptInput {
  const { modelEndpoint = '' } = siteEndpoints(site);
  return {
    endpoint,
    family: of.model.family.toLowerCase(),
    modelEndpoint,
    identifier: modelNames(of).identifier,
    apiKey,
  };
}

function runScript(engine: Engine, id: string, input: ScriptInput, signal: AbortSignal) {
  const command = ['timeout', String(scriptSeconds), 'poetry', 'run', 'python', '-c', scriptDriver];
  return execInContainer(engine, id, command, signal, JSON.stringify(input));
}

/* The script prints the key when the model does not answer. */
function linesOf(output: string, apiKey: string): string[] {
  return cleanText(output, [apiKey], output.length)
    .split('\n')
    .map((line) => boundedText(line.trimEnd(), maxLineChars))
    .filter((line) => line.trim() !== '')
    .slice(-maxLines);
}

/** Removes what runs without asking for tokens, and makes sure that it is gone. */
async function removeScriptContainer(engine: Engine, mark: SiteMark, name: string): Promise<void> {
  try {
    const find = () => engine.docker.listContainers({ all: true, filters: siteFilter(mark, scriptPart) });
    for (const { Id: id } of await find()) await engine.docker.getContainer(id).remove({ force: true, v: true });
    if ((await find()).length > 0) throw new Error('the engine still lists it');
  } catch (thrown) {
    throw appError('probe.script-container-left', { name, why: (thrown as Error).message }, thrown);
  }
}
