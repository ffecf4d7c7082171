import { contract } from '../../shared/contract/index.ts';
import { JobRunner } from './jobs/job-runner.ts';
import { jobsHandlers } from './jobs/jobs-handlers.ts';
import { joinAreas } from './jobs/join-areas.ts';
import { Journal } from './jobs/journal.ts';
import { PastJobs } from './jobs/past-jobs.ts';
import { withPackageRemedies } from './packages/with-package-remedies.ts';
import type { Core, CorePorts } from './ports.ts';

/**
 * Creates a core; the only composition root. `mayWrite` means that the caller holds the lock `ports.paths.lock`; otherwise jobs are
 * not journalled.
 */
export async function createCore(ports: CorePorts, options: { mayWrite: boolean }): Promise<Core> {
  const journal = options.mayWrite ? await Journal.open(ports.paths.jobs, ports.now()) : undefined;
  const runner = new JobRunner({
    ...(journal && { journal }),
    past: new PastJobs(ports.paths.jobs, ports.log),
    log: ports.log,
    now: ports.now,
  });
  const areas = {
    acceptance: async () => (await import('./acceptance/acceptance-handlers.ts')).acceptanceHandlers(ports),
    bundle: async () => (await import('./bundle/bundle-handlers.ts')).bundleHandlers(ports),
    files: async () => (await import('./files/files-handlers.ts')).filesHandlers(),
    estimate: async () => (await import('./estimate/estimate-handlers.ts')).estimateHandlers(ports),
    frontKeys: async () => (await import('./serving/front-keys-handlers.ts')).frontKeysHandlers(ports),
    gitlab: async () => (await import('./gitlab/gitlab-handlers.ts')).gitlabHandlers(ports),
    hardware: async () => (await import('./hardware/hardware-handlers.ts')).hardwareHandlers(ports),
    imports: async () => (await import('./import/imports-handlers.ts')).importsHandlers(ports),
    jobs: async () => jobsHandlers(runner),
    keys: async () => (await import('./signing/keys-handlers.ts')).keysHandlers(ports),
    kubernetes: async () => (await import('./kubernetes/kubernetes-handlers.ts')).kubernetesHandlers(ports),
    media: async () => (await import('./media/media-handlers.ts')).mediaHandlers(ports),
    models: async () => (await import('./catalog/models-handlers.ts')).modelsHandlers(ports),
    packages: async () => (await import('./packages/packages-handlers.ts')).packagesHandlers(ports),
    probe: async () => (await import('./probe/probe-handlers.ts')).probeHandlers(ports),
    push: async () => (await import('./push/push-handlers.ts')).pushHandlers(ports),
    rehearse: async () => (await import('./rehearse/rehearse-handlers.ts')).rehearseHandlers(ports, createCore),
    report: async () => (await import('./report/report-handlers.ts')).reportHandlers(ports),
    serving: async () => (await import('./serving/serving-handlers.ts')).servingHandlers(ports),
    shell: async () => (await import('./shell/shell-handlers.ts')).shellHandlers(ports),
    site: async () => (await import('./site/site-handlers.ts')).siteHandlers(ports),
    unit: async () => (await import('./site/unit/unit-handlers.ts')).unitHandlers(ports),
    upgrade: async () => (await import('./upgrade/upgrade-handlers.ts')).upgradeHandlers(ports),
    wizard: async () => (await import('./wizard/wizard-handlers.ts')).wizardHandlers(ports, runner),
  };
  const explain = (thrown: unknown) => withPackageRemedies(thrown, ports.paths.store);
  const handlers = joinAreas(contract, areas, runner, { explain, loadsAll: ports.shell.kind !== 'cli' });
  return { handlers, close: () => runner.close() };
}
