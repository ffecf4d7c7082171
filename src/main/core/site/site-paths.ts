import { join } from 'node:path';

/** Where everything of one site lies. */
export interface SitePaths {
  folder: string;
  /** The site file as it was last deployed. */
  siteFile: string;
  /** When the last deployment began and ended, and of which site file. */
  deployment: string;
  /** What the service shall run (`ServicePlan`), written by deploy; holds no secrets, only paths to them. */
  servicePlan: string;
  /** What the service says of its parts (`ServiceState`), rewritten at each change and at least each 2 s. */
  serviceState: string;
  /** Held by the running service: there is never a second one. */
  serviceLock: string;
  /** Files of mode 0600 in a folder of mode 0700. */
  secrets: string;
  logs: string;
  /** Data of the stand-ins. */
  standIns: string;
  /** Results that the report is made of, and when it was written: `evidenceFiles`. */
  evidence: string;
}

/** The layout of one site below the folder of all sites. */
export function sitePaths(sites: string, name: string): SitePaths {
  const folder = join(sites, name);
  return {
    folder,
    siteFile: join(folder, 'site.yaml'),
    deployment: join(folder, 'deployment.json'),
    servicePlan: join(folder, 'service-plan.json'),
    serviceState: join(folder, 'service-state.json'),
    serviceLock: join(folder, 'service.lock'),
    secrets: join(folder, 'secrets'),
    logs: join(folder, 'logs'),
    standIns: join(folder, 'stand-ins'),
    evidence: join(folder, 'evidence'),
  };
}

/** Names of the files in a site's `secrets` folder. */
export const secretFiles = {
  /** What the gateway must present to the front (one line). */
  frontApiKey: 'front-api-key',
  /** RSA 2048 private keys, PKCS#8 PEM, as the AI Gateway wants them (gitlab.md 4.1). */
  gatewaySigning: 'aigw_signing.key',
  gatewayValidation: 'aigw_validation.key',
  workflowSigning: 'duo_workflow_jwt.key',
  workflowValidation: 'duo_workflow_validation.key',
  /** Admin token of the simulated GitLab (one line). */
  simulatedGitlabToken: 'simulated-gitlab-token',
  /** Salt of the fingerprints by which changed keys are noticed. */
  salt: 'salt',
} as const;

/** Names of the files in a site's `evidence` folder: what jobs returned, and when the last report was written. */
export const evidenceFiles = ['deploy.json', 'gitlab.json', 'probe.json', 'report.json'] as const;
