import { acceptance } from './acceptance.ts';
import { bundle } from './bundle.ts';
import { estimate } from './estimate.ts';
import { files } from './files.ts';
import { frontKeys } from './front-keys.ts';
import { gitlab } from './gitlab.ts';
import { hardware } from './hardware.ts';
import { imports } from './imports.ts';
import { jobs } from './jobs.ts';
import { keys } from './keys.ts';
import { kubernetes } from './kubernetes.ts';
import { media } from './media.ts';
import { models } from './models.ts';
import { packages } from './packages.ts';
import { probe } from './probe.ts';
import { push } from './push.ts';
import { rehearse } from './rehearse.ts';
import { report } from './report.ts';
import { serving } from './serving.ts';
import { shell } from './shell.ts';
import { site } from './site.ts';
import { unit } from './unit.ts';
import { upgrade } from './upgrade.ts';
import { wizard } from './wizard.ts';

/** Everything that a shell can call in the core. */
export const contract = {
  acceptance,
  bundle,
  files,
  estimate,
  frontKeys,
  gitlab,
  hardware,
  imports,
  jobs,
  keys,
  kubernetes,
  media,
  models,
  packages,
  probe,
  push,
  rehearse,
  report,
  serving,
  shell,
  site,
  unit,
  upgrade,
  wizard,
};

export type AppContract = typeof contract;
