import { resolve } from 'node:path';
import type { z } from 'zod';
import type { deployed, plannedSite } from '../../../../shared/contract/site.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { FoundGpus } from '../../../../shared/estimate/vllm-gpus.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { modelSites } from '../../../../shared/model-sites.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { loadModelCatalog } from '../../catalog/load-model-catalog.ts';
import { refuseUnfit } from '../../catalog/refuse-unfit.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { readUpstreamKey } from '../../files/upstream-key.ts';
import { loadEras } from '../../gitlab/eras-catalog.ts';
import { versionFindings } from '../../gitlab/version-findings.ts';
import { collectGpus } from '../../hardware/gpus.ts';
import { loadHardwareCatalog } from '../../hardware/load-hardware-catalog.ts';
import { thisSystem } from '../../hardware/system-view.ts';
import type { CorePorts } from '../../ports.ts';
import { agentContextFindings } from '../../serving/agent-platform.ts';
import { trainedContextFindings } from '../../serving/llamacpp/trained-context.ts';
import { beginDeployment, usedEngines } from '../../sites/deployment-record.ts';
import { keepOwner, siteMark } from '../../sites/engine-owner.ts';
import { splitGpus } from '../../sites/gpu-split.ts';
import { openSite } from '../../sites/open-site.ts';
import { outsideFindings } from '../../sites/outside-findings.ts';
import { recordKeysBrought } from '../../sites/rotation-record.ts';
import { siteChanges } from '../../sites/site-changes.ts';
import { makeSecret, secretFacts } from '../../sites/site-secret.ts';
import { writeEvidence } from '../../sites/write-evidence.ts';
import { findAllWeights, type ModelWeights } from '../../store/find-model.ts';
import { quietWork, type Work } from '../../work.ts';
import { gatewayFindings } from '../containers/gateway-findings.ts';
import { type ContainerPlan, planContainers } from '../containers/plan-containers.ts';
import { liveState, serviceFacts } from '../service/service-facts.ts';
import { isSimulated, wantedService } from '../service/service-plan.ts';
import { servedModels } from '../status/model-serving.ts';
import { deployedContainers, plannedDetail } from './deployed-containers.ts';
import { removeLeftFiles } from './left-files.ts';
import { memoryFindings } from './memory-findings.ts';
import { withSlots } from './model-slots.ts';
import { planSite } from './plan-site.ts';
import type { CheckedStep, Step, StepContext } from './step.ts';
import { checkStep, doStep } from './step-actions.ts';
import { type Tried, tryBeside } from './try-beside.ts';
import { siteVariants } from './variant-steps.ts';

/** What deploy returns and keeps as `evidence/deploy.json`. */
export type Deployed = z.infer<typeof deployed>;
/** What `deploy --plan` shows. */
export type PlannedSite = z.infer<typeof plannedSite>;

/** nvidia-smi may hang on a broken driver. */
const lookAtGpusMs = 10_000;

/** A site file, and the text that counts instead of its content, if any. */
export interface SiteSource {
  path: string;
  text?: string;
}

interface PreparedDeployment {
  site: SiteFile;
  models: ModelWeights[];
  /** What the site has in the container engine; null for a site without containers. */
  containers: ContainerPlan | null;
  steps: Step[];
  context: StepContext;
  gpus: FoundGpus | undefined;
  /** Known before any step is checked. */
  findings: Finding[];
}

/** Shows what deploy would make or change without doing it. What blocks it, such as a taken port, becomes a red finding. */
export async function showPlan(ports: CorePorts, source: SiteSource): Promise<PlannedSite> {
  const { site, steps, context, ...prepared } = await prepare(ports, source, quietWork());
  const findings = [...prepared.findings];
  const shown: PlannedSite['steps'] = [];
  for (const step of steps) {
    const checked = await checkStep(step, context).catch((error) => {
      findings.push(blockedBy(error));
      return { state: 'blocked' as const };
    });
    const { id, title, kind, what, simulated } = step;
    const container = step.kind === 'container' && step.run === 'ensure' && plannedDetail(step.planned);
    shown.push({ id, title, kind, what, ...checked, ...(simulated && { simulated }), ...(container && { container }) });
  }
  const changes = await siteChanges(context.paths, site);
  const simulated = steps.some((step) => step.simulated);
  return { site: site.name, simulated, steps: shown, ...(changes && { changes }), findings };
}

/**
 * Deploys what the site file describes, step by step. Safe to repeat: what is correct stays as it is. Throws before it makes
 * anything when a port is taken or the model is not in the store.
 */
export async function deploySite(ports: CorePorts, source: SiteSource, work: Work): Promise<Deployed> {
  work.step('check', 'Check what exists');
  const prepared = await prepare(ports, source, work);
  const { containers, steps, context } = prepared;
  for (const one of prepared.findings) if (one.severity !== 'green') work.warn(one.title);
  const planned = await checkSteps(steps, context);
  if (containers) await keepOwner(context.paths, containers.mark);
  const about = { siteFile: resolve(source.path), engine: containers?.engine.address };
  const deployment = await beginDeployment(context.paths, about, () => ports.now());
  try {
    const secrets = missingSecrets(planned);
    for (const { step, state, why } of planned) {
      work.step(step.id, `${step.title}: ${why ?? step.what}`);
      work.signal.throwIfAborted();
      await doStep(step, state, { ...context, secrets });
    }
    // Only now does no container read them.
    await removeLeftFiles(context.paths, containers?.files ?? [], work);
    work.step('evidence', 'Record what was deployed');
    const result = await describe(prepared, planned, ports.now());
    await writeEvidence(context.paths, 'deploy.json', result);
    if (prepared.site.gateway.kind !== 'existing') await recordKeysBrought(context.paths, ports.now());
    await deployment.ended();
    return result;
  } catch (error) {
    // The first error is the one that counts.
    await deployment.failed().catch(() => undefined);
    throw error;
  }
}

/** Tries the new containers of a site next to its running ones and changes nothing. Throws what `deploySite` would refuse, and what failed. */
export async function trySite(ports: CorePorts, source: SiteSource, work: Work): Promise<Tried[]> {
  work.step('check', 'Check what exists');
  const { containers, steps, context } = await prepare(ports, source, work);
  const planned = await checkSteps(steps, context);
  return containers ? tryBeside(planned, containers, context) : [];
}

async function checkSteps(steps: Step[], context: StepContext): Promise<CheckedStep[]> {
  const checked: CheckedStep[] = [];
  for (const step of steps) {
    context.work.signal.throwIfAborted();
    checked.push({ step, ...(await checkStep(step, context)) });
  }
  return checked;
}

async function prepare(ports: CorePorts, { path, text: given }: SiteSource, work: Work): Promise<PreparedDeployment> {
  const home = ports.paths;
  const { site, text, paths } = await openSite(home.sites, path, given);
  // Refuse an unknown version before anything is made: everything after a deployment depends on it.
  const ofVersion = versionFindings(await loadEras(ports.resources), site.gitlab.version);
  refuseUnfit(await loadModelCatalog(ports.resources), site);
  const agents = modelSites(site).flatMap(agentContextFindings);
  for (const name of ['accessKeyId', 'secretAccessKey', 'apiKey'] as const) {
    const key = site.gateway.aws?.[name];
    if (key) await readUpstreamKey(key, `gateway.aws.${name}`);
  }
  for (const { model } of modelSites(site)) if (model.endpointKey) await readUpstreamKey(model.endpointKey);
  const models = await withSlots(await findAllWeights(home.store, site));
  const contexts = await trainedContexts(models);
  const hardware = await loadHardwareCatalog(ports.resources);
  const needsGpus = models.some(({ site: one }) => one.model.engine === 'vllm') || splitGpus(site).size > 0;
  const gpus = needsGpus ? (await collectGpus(thisSystem(lookAtGpusMs), hardware)).facts : undefined;
  // A damaged record must not block a deployment, which rewrites it.
  const engines = await usedEngines(paths).catch(() => []);
  const containers = await planContainers(site, engines, {
    store: home.store,
    resources: ports.resources,
    paths,
    mark: await siteMark(paths),
    models,
    gpus,
  });
  const variants = await siteVariants(site, ports);
  const service = wantedService(site, paths, models, { containers, variants });
  const steps = planSite(site, { text, paths, service, variants, containers });
  const context = { ports, paths, site: site.name, service, secrets: new Map(), work };
  const memory = await memoryFindings(models);
  const findings = [
    ...ofVersion,
    ...gatewayFindings(site),
    ...outsideFindings(site),
    ...agents,
    ...contexts,
    ...memory,
    ...(containers?.findings ?? []),
  ];
  return { site, models, containers, steps, gpus, context, findings };
}

async function trainedContexts(models: readonly ModelWeights[]): Promise<Finding[]> {
  const found = models.map(({ site, weights }) =>
    weights && site.model.engine === 'llamacpp' ? trainedContextFindings(site, weights.path) : [],
  );
  return (await Promise.all(found)).flat();
}

/** Begins to make all secrets that are missing: keys take long, and are made side by side. */
function missingSecrets(planned: CheckedStep[]): Map<string, Promise<string>> {
  const secrets = new Map<string, Promise<string>>();
  for (const { step, state } of planned) {
    if (step.kind !== 'secret' || state !== 'will-be-made') continue;
    const made = makeSecret(step.secret);
    // Its step says what went wrong; a deployment that ends before needs none.
    made.catch(() => undefined);
    secrets.set(step.path, made);
  }
  return secrets;
}

async function describe(
  { site, models, containers, gpus, context: { paths } }: PreparedDeployment,
  planned: CheckedStep[],
  now: Date,
): Promise<Deployed> {
  const states = { exists: 'kept', 'will-be-made': 'made', 'will-change': 'changed' } as const;
  const secrets: Deployed['secrets'] = [];
  for (const { step } of planned) {
    if (step.kind !== 'secret') continue;
    const facts = await secretFacts(step.secret, step.path);
    secrets.push({ name: step.name, fingerprint: facts?.fingerprint ?? 'missing' });
  }
  const running = liveState(await serviceFacts(paths))?.parts ?? [];
  return {
    site: site.name,
    deployedAt: now.toISOString(),
    simulated: running.some(isSimulated) || planned.some(({ step }) => step.simulated),
    steps: planned.map(({ step, state }) => {
      return { id: step.id, title: step.title, state: states[state], simulated: step.simulated };
    }),
    parts: running.map(({ name, kind, version, host, port, pid, simulated }) => {
      return { name, kind, version: version ?? '', host: host ?? '', port: port ?? 0, pid: pid ?? 0, simulated };
    }),
    ...(await servedModels(paths, models, { containers, gpus })),
    files: planned.flatMap(({ step }) =>
      step.kind === 'file' ? [{ path: step.path, sha256: sha256Hex(step.content) }] : [],
    ),
    secrets,
    ...(containers && (await deployedContainers(containers))),
  };
}

function blockedBy(error: unknown): Finding {
  if (!(error instanceof AppError)) throw error;
  const { code, message, remedies, cause } = error.wire;
  return { id: code, severity: 'red', title: message, remedies, ...(cause && { howWeKnow: cause }) };
}
