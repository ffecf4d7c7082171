import { contract } from '../../shared/contract/index.ts';
import { joinAreas } from './area-handlers.ts';
import { bundleHandlers } from './bundle/bundle-handlers.ts';
import { keysHandlers } from './bundle/keys-handlers.ts';
import { modelsHandlers } from './catalog/models-handlers.ts';
import { estimateHandlers } from './estimate/estimate-handlers.ts';
import { filesHandlers } from './files/files-handlers.ts';
import { gitlabHandlers } from './gitlab/gitlab-handlers.ts';
import { hardwareHandlers } from './hardware/hardware-handlers.ts';
import { importsHandlers } from './import/imports-handlers.ts';
import { JobRunner } from './jobs/job-runner.ts';
import { jobsHandlers } from './jobs/jobs-handlers.ts';
import { Journal } from './jobs/journal.ts';
import { PastJobs } from './jobs/past-jobs.ts';
import { mediaHandlers } from './media/media-handlers.ts';
import type { Core, CorePorts } from './ports.ts';
import { probeHandlers } from './probe/probe-handlers.ts';
import { rehearseHandlers } from './rehearse/rehearse-handlers.ts';
import { reportHandlers } from './report/report-handlers.ts';
import { serviceHandlers } from './service/service-handlers.ts';
import { servingHandlers } from './serving/serving-handlers.ts';
import { homePaths } from './settings/paths.ts';
import { shellHandlers } from './shell/shell-handlers.ts';
import { siteHandlers } from './site/site-handlers.ts';
import { wizardHandlers } from './wizard/wizard-handlers.ts';

/** The one composition root. `mayWrite` says that the caller holds the lock of `ports.home`: only then are jobs journalled. */
export async function createCore(ports: CorePorts, options: { mayWrite: boolean }): Promise<Core> {
  const paths = homePaths(ports.home);
  const journal = options.mayWrite ? await Journal.open(paths.jobs, ports.now()) : undefined;
  const runner = new JobRunner({
    ...(journal && { journal }),
    past: new PastJobs(paths.jobs, ports.log),
    log: ports.log,
    now: ports.now,
  });
  const areas = {
    bundle: bundleHandlers(ports),
    files: filesHandlers(),
    estimate: estimateHandlers(ports),
    gitlab: gitlabHandlers(ports),
    hardware: hardwareHandlers(ports),
    imports: importsHandlers(ports),
    jobs: jobsHandlers(runner),
    keys: keysHandlers(ports),
    media: mediaHandlers(ports),
    models: modelsHandlers(ports),
    probe: probeHandlers(ports),
    rehearse: rehearseHandlers(ports, createCore),
    report: reportHandlers(ports),
    service: serviceHandlers(ports),
    serving: servingHandlers(ports),
    shell: shellHandlers(ports),
    site: siteHandlers(ports),
    wizard: wizardHandlers(ports, runner),
  };
  return { handlers: joinAreas(contract, areas, runner), close: () => runner.close() };
}
