import { join } from 'node:path';

/** Where everything of one site is. */
export interface SitePaths {
  /** Name of the site. */
  name: string;
  folder: string;
  /** The site file as it was last deployed. */
  siteFile: string;
  /** When the last deployment started and ended, and of which site file. */
  deployment: string;
  /** What GitLab's settings were before `gitlab apply` changed them, without secrets, for `gitlab undo`. */
  gitlabBefore: string;
  /** What the service runs (`ServicePlan`), written by deploy; contains paths of secrets, never secrets. */
  servicePlan: string;
  /** What the service reports about its parts (`ServiceState`), rewritten at each change and at least every 2 s. */
  serviceState: string;
  /** Held by the running service, so that there is never a second one. */
  serviceLock: string;
  /** Files of mode 0600 in a folder of mode 0700. */
  secrets: string;
  logs: string;
  /** Data of the stand-ins. */
  standIns: string;
  /** The results for the report, and when it was written: `evidenceFiles`. */
  evidence: string;
  /** What an unfinished upgrade needs to be finished or undone: `upgradeFiles`. */
  upgrade: string;
  /** The same of the last finished upgrade, for a rollback. */
  previous: string;
  /**
   * The id by which container engines know this data folder's things. Next to the sites: a volume that uninstall keeps still
   * needs it.
   */
  engineOwner: string;
}

/** Returns the paths of one site below the folder of all sites. */
export function sitePaths(sites: string, name: string): SitePaths {
  const folder = join(sites, name);
  return {
    name,
    folder,
    siteFile: join(folder, 'site.yaml'),
    deployment: join(folder, 'deployment.json'),
    gitlabBefore: join(folder, 'gitlab-before.json'),
    servicePlan: join(folder, 'service-plan.json'),
    serviceState: join(folder, 'service-state.json'),
    serviceLock: join(folder, 'service.lock'),
    secrets: join(folder, 'secrets'),
    logs: join(folder, 'logs'),
    standIns: join(folder, 'stand-ins'),
    evidence: join(folder, 'evidence'),
    upgrade: join(folder, 'upgrade'),
    previous: join(folder, 'previous'),
    engineOwner: join(sites, '.engine-owner'),
  };
}

/** Names of the files in a site's `secrets` folder. */
export const secretFiles = {
  /** The key that the gateway presents to the front (one line). */
  frontApiKey: 'front-api-key',
  /** Further keys for the front, by name; digests only. */
  frontKeys: 'front-keys.json',
  /** RSA 2048 private keys, PKCS#8 PEM, as the AI Gateway expects them. */
  gatewaySigning: 'aigw_signing.key',
  gatewayValidation: 'aigw_validation.key',
  workflowSigning: 'duo_workflow_jwt.key',
  workflowValidation: 'duo_workflow_validation.key',
  /** When the signing keys were rotated; fingerprints only. */
  rotations: 'gateway-rotations.json',
  /** Admin token of the simulated GitLab (one line). */
  simulatedGitlabToken: 'simulated-gitlab-token',
  /** Salt of the fingerprints that reveal changed keys. */
  salt: 'salt',
} as const;

/** Names of the files in a site's `evidence` folder: what jobs returned, and when the last report was written. */
export const evidenceFiles = ['acceptance.json', 'deploy.json', 'gitlab.json', 'probe.json', 'report.json'] as const;

/** Names of the files in a site's folders `upgrade` and `previous`. */
export const upgradeFiles = {
  record: 'upgrade.json',
  /** The site file before the upgrade. Its images are pinned by digest where their names have meanwhile become those of others. */
  old: 'old.yaml',
  new: 'new.yaml',
} as const;
