import { contract } from '../../shared/contract/index.ts';
import { acceptanceHandlers } from './acceptance/acceptance-handlers.ts';
import { bundleHandlers } from './bundle/bundle-handlers.ts';
import { modelsHandlers } from './catalog/models-handlers.ts';
import { estimateHandlers } from './estimate/estimate-handlers.ts';
import { filesHandlers } from './files/files-handlers.ts';
import { gitlabHandlers } from './gitlab/gitlab-handlers.ts';
import { hardwareHandlers } from './hardware/hardware-handlers.ts';
import { importsHandlers } from './import/imports-handlers.ts';
import { JobRunner } from './jobs/job-runner.ts';
import { jobsHandlers } from './jobs/jobs-handlers.ts';
import { joinAreas } from './jobs/join-areas.ts';
import { Journal } from './jobs/journal.ts';
import { PastJobs } from './jobs/past-jobs.ts';
import { kubernetesHandlers } from './kubernetes/kubernetes-handlers.ts';
import { mediaHandlers } from './media/media-handlers.ts';
import { packagesHandlers } from './packages/packages-handlers.ts';
import { withPackageRemedies } from './packages/with-package-remedies.ts';
import type { Core, CorePorts } from './ports.ts';
import { probeHandlers } from './probe/probe-handlers.ts';
import { pushHandlers } from './push/push-handlers.ts';
import { rehearseHandlers } from './rehearse/rehearse-handlers.ts';
import { reportHandlers } from './report/report-handlers.ts';
import { frontKeysHandlers } from './serving/front-keys-handlers.ts';
import { servingHandlers } from './serving/serving-handlers.ts';
import { shellHandlers } from './shell/shell-handlers.ts';
import { keysHandlers } from './signing/keys-handlers.ts';
import { siteHandlers } from './site/site-handlers.ts';
import { unitHandlers } from './site/unit/unit-handlers.ts';
import { upgradeHandlers } from './upgrade/upgrade-handlers.ts';
import { wizardHandlers } from './wizard/wizard-handlers.ts';

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
    acceptance: acceptanceHandlers(ports),
    bundle: bundleHandlers(ports),
    files: filesHandlers(),
    estimate: estimateHandlers(ports),
    frontKeys: frontKeysHandlers(ports),
    gitlab: gitlabHandlers(ports),
    hardware: hardwareHandlers(ports),
    imports: importsHandlers(ports),
    jobs: jobsHandlers(runner),
    keys: keysHandlers(ports),
    kubernetes: kubernetesHandlers(ports),
    media: mediaHandlers(ports),
    models: modelsHandlers(ports),
    packages: packagesHandlers(ports),
    probe: probeHandlers(ports),
    push: pushHandlers(ports),
    rehearse: rehearseHandlers(ports, createCore),
    report: reportHandlers(ports),
    serving: servingHandlers(ports),
    shell: shellHandlers(ports),
    site: siteHandlers(ports),
    unit: unitHandlers(ports),
    upgrade: upgradeHandlers(ports),
    wizard: wizardHandlers(ports, runner),
  };
  const explain = (thrown: unknown) => withPackageRemedies(thrown, ports.paths.store);
  return { handlers: joinAreas(contract, areas, runner, explain), close: () => runner.close() };
}
