import { bundle } from './bundle.ts';
import { gitlab } from './gitlab.ts';
import { hardware } from './hardware.ts';
import { imports } from './imports.ts';
import { jobs } from './jobs.ts';
import { keys } from './keys.ts';
import { models } from './models.ts';
import { probe } from './probe.ts';
import { rehearse } from './rehearse.ts';
import { report } from './report.ts';
import { serving } from './serving.ts';
import { site } from './site.ts';

/** All that a shell can ask of the core. */
export const contract = {
  bundle,
  gitlab,
  hardware,
  imports,
  jobs,
  keys,
  models,
  probe,
  rehearse,
  report,
  serving,
  site,
};

export type AppContract = typeof contract;
