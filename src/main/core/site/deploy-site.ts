import { resolve } from 'node:path';
import type { z } from 'zod';
import type { deployed, plannedSite } from '../../../shared/contract/site.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type FoundGpus, noGpus } from '../../../shared/estimate/vllm-gpus.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { sha256Hex } from '../files/sha256-hex.ts';
import { loadEras } from '../gitlab/eras-catalog.ts';
import { findEra } from '../gitlab/find-era.ts';
import { parseGitlabVersion } from '../gitlab/gitlab-version.ts';
import { collectGpus } from '../hardware/gpus.ts';
import { thisSystem } from '../hardware/system-view.ts';
import { quietWork, type Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { deployedContainers, plannedDetail } from './containers/deployed-containers.ts';
import { planContainers } from './containers/plan-containers.ts';
import { beginDeployment, usedEngines } from './deployment-record.ts';
import { keepOwner, siteMark } from './engine-owner.ts';
import { findWeights, type StoredModel } from './find-model.ts';
import { firstMeasured, servingOf } from './model-serving.ts';
import { planSite, servicePlanText } from './plan-site.ts';
import { readSiteFile } from './read-site-file.ts';
import { liveState, serviceFacts } from './service-facts.ts';
import { isSimulated, servicePlanOf } from './service-plan.ts';
import { sitePaths } from './site-paths.ts';
import { secretFacts } from './site-secret.ts';
import type { Step } from './step.ts';
import type { StepContext, StepState } from './step-action.ts';
import { checkStep, doStep } from './step-actions.ts';
import { writeEvidence } from './write-evidence.ts';

/** What deploy returns and keeps as `evidence/deploy.json`. */
export type Deployed = z.infer<typeof deployed>;
/** What `deploy --plan` shows. */
export type PlannedSite = z.infer<typeof plannedSite>;

/** nvidia-smi may hang on a broken driver. */
const lookAtGpusMs = 10_000;

interface Deployment {
  site: SiteFile;
  model: StoredModel | null;
  steps: Step[];
  context: StepContext;
  gpus: FoundGpus | undefined;
}

/** Shows what deploy would make or change, and makes nothing. What forbids it (a taken port) becomes a red finding. */
export async function showPlan(ports: CorePorts, siteFile: string): Promise<PlannedSite> {
  const { site, steps, context } = await prepare(ports, siteFile, quietWork());
  const findings: Finding[] = [...(context.containers?.findings ?? [])];
  const shown: PlannedSite['steps'] = [];
  for (const step of steps) {
    const checked = await checkStep(step, context).catch((error) => {
      findings.push(blockedBy(error));
      return { state: 'blocked' as const };
    });
    const { id, title, kind, what, simulated } = step;
    const container = plannedDetail(step);
    shown.push({ id, title, kind, what, ...checked, ...(simulated && { simulated }), ...(container && { container }) });
  }
  return { site: site.name, simulated: steps.some((step) => step.simulated), steps: shown, findings };
}

/**
 * Makes what the site file describes, step by step. Safe to repeat: what is there as it should be is left alone.
 * Throws before anything is made when a port is taken or the model is not in the store.
 */
export async function deploySite(ports: CorePorts, siteFile: string, work: Work): Promise<Deployed> {
  work.step('check', 'Check what is there');
  const { site, model, steps, context, gpus } = await prepare(ports, siteFile, work);
  for (const one of context.containers?.findings ?? []) work.warn(one.title);
  const planned: { step: Step; state: StepState; why?: string }[] = [];
  for (const step of steps) {
    work.signal.throwIfAborted();
    planned.push({ step, ...(await checkStep(step, context)) });
  }
  const { containers, paths } = context;
  if (containers) await keepOwner(homePaths(ports.home).sites, containers.mark);
  const about = { siteFile: resolve(siteFile), engine: containers?.engine.address };
  const deployment = await beginDeployment(paths, about, () => ports.now());
  try {
    for (const { step, state, why } of planned) {
      work.step(step.id, `${step.title}: ${why ?? step.what}`);
      work.signal.throwIfAborted();
      await doStep(step, state, context);
    }
    work.step('evidence', 'Write down what was deployed');
    const result = await describe(site, model, planned, { ...context, gpus }, ports.now());
    await writeEvidence(paths, 'deploy.json', result);
    await deployment.ended();
    return result;
  } catch (error) {
    // What went wrong first is what counts.
    await deployment.failed().catch(() => undefined);
    throw error;
  }
}

async function prepare(ports: CorePorts, siteFile: string, work: Work): Promise<Deployment> {
  const { site, text } = await readSiteFile(siteFile);
  // Known before anything is made: what follows a deployment depends on the version.
  findEra(await loadEras(ports.resources), parseGitlabVersion(site.gitlab.version));
  const home = homePaths(ports.home);
  const paths = sitePaths(home.sites, site.name);
  const model = await findWeights(home.store, site);
  const gpus =
    site.model.engine === 'vllm' ? ((await collectGpus(thisSystem(lookAtGpusMs))).facts ?? noGpus) : undefined;
  // A damaged record keeps nobody from deploying, which writes it anew.
  const engines = await usedEngines(paths).catch(() => []);
  const containers = await planContainers(site, engines, {
    store: home.store,
    resources: ports.resources,
    paths,
    mark: await siteMark(home.sites, site.name),
    weights: model,
    gpus,
  });
  const plan = servicePlanOf(site, paths, model, containers);
  const planSha256 = sha256Hex(servicePlanText(plan));
  const context = { ports, paths, site: site.name, plan, planSha256, containers, work };
  return { site, model, steps: planSite(site, { text, paths, model, containers }), context, gpus };
}

async function describe(
  site: SiteFile,
  model: StoredModel | null,
  planned: { step: Step; state: StepState }[],
  { paths, containers, gpus }: Pick<StepContext, 'paths' | 'containers'> & Pick<Deployment, 'gpus'>,
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
  const measured = site.model.engine === 'llamacpp' ? await firstMeasured(paths) : undefined;
  const serving = await servingOf(site, { weights: model, containers, gpus, measured });
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
    model,
    ...(serving && { serving }),
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
