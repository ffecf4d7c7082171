import { bundleErrors } from './bundle.ts';
import type { ErrorSpec } from './define.ts';
import { engineErrors } from './engine.ts';
import { estimateErrors } from './estimate.ts';
import { generalErrors } from './general.ts';
import { gitlabErrors } from './gitlab.ts';
import { hardwareErrors } from './hardware.ts';
import { importErrors } from './import.ts';
import { kernelErrors } from './kernel.ts';
import { packErrors } from './pack.ts';
import { probeErrors } from './probe.ts';
import { rehearseErrors } from './rehearse.ts';
import { reportErrors } from './report.ts';
import { serveErrors } from './serve.ts';
import { serviceErrors } from './service.ts';
import { servingErrors } from './serving.ts';
import { siteErrors } from './site.ts';

/** Every error that Sealift can show, once: message, remedies, exit code. Each area keeps its rows in a file of its own. */
export const errorTable = {
  ...generalErrors,
  ...kernelErrors,
  ...bundleErrors,
  ...packErrors,
  ...importErrors,
  ...engineErrors,
  ...estimateErrors,
  ...hardwareErrors,
  ...serveErrors,
  ...serviceErrors,
  ...servingErrors,
  ...siteErrors,
  ...gitlabErrors,
  ...probeErrors,
  ...rehearseErrors,
  ...reportErrors,
};

/** The codes of the table. */
export type ErrorCode = keyof typeof errorTable;

/** The facts that the error of one code must be given. */
export type ErrorDetails<C extends ErrorCode> = (typeof errorTable)[C] extends ErrorSpec<infer D> ? D : never;
