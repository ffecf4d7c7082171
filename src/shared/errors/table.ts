import { bundleErrors } from './bundle.ts';
import { clientErrors } from './client.ts';
import { containerErrors } from './containers.ts';
import { engineErrors } from './engine.ts';
import { estimateErrors } from './estimate.ts';
import { gatewayKeyErrors } from './gateway-keys.ts';
import { generalErrors } from './general.ts';
import { gitlabErrors } from './gitlab.ts';
import { hardwareErrors } from './hardware.ts';
import { importErrors } from './import.ts';
import { kernelErrors } from './kernel.ts';
import { keyErrors } from './keys.ts';
import { kubernetesErrors } from './kubernetes.ts';
import { modelFolderErrors } from './model-folder.ts';
import { needsErrors } from './needs.ts';
import { packErrors } from './pack.ts';
import { packImageErrors } from './pack-images.ts';
import { packSourceErrors } from './pack-sources.ts';
import { packagesErrors } from './packages.ts';
import { probeErrors } from './probe.ts';
import { pushErrors } from './push.ts';
import { rehearseErrors } from './rehearse.ts';
import { remoteErrors } from './remote.ts';
import { reportErrors } from './report.ts';
import { serveErrors } from './serve.ts';
import { servingErrors } from './serving.ts';
import { siteErrors } from './site.ts';
import { siteModelErrors } from './site-models.ts';
import { unitErrors } from './unit.ts';
import { upgradeErrors } from './upgrade.ts';

/** Every error that Sealift can show, with its message, remedies and exit code. Each area keeps its rows in its own file. */
export const errorTable = {
  ...generalErrors,
  ...kernelErrors,
  ...clientErrors,
  ...bundleErrors,
  ...keyErrors,
  ...packErrors,
  ...packImageErrors,
  ...packSourceErrors,
  ...needsErrors,
  ...remoteErrors,
  ...modelFolderErrors,
  ...importErrors,
  ...pushErrors,
  ...engineErrors,
  ...containerErrors,
  ...estimateErrors,
  ...hardwareErrors,
  ...packagesErrors,
  ...serveErrors,
  ...unitErrors,
  ...servingErrors,
  ...siteErrors,
  ...siteModelErrors,
  ...gatewayKeyErrors,
  ...gitlabErrors,
  ...kubernetesErrors,
  ...probeErrors,
  ...rehearseErrors,
  ...reportErrors,
  ...upgradeErrors,
};
