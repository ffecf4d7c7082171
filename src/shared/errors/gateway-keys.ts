import { command, spec, steps } from './define.ts';

/** Errors about the keys of a site's gateway, and their rotation. */
export const gatewayKeyErrors = {
  'site.no-gateway-keys': spec<{ site: string }>({
    exitCode: 3,
    message: ({ site }) => `The site ${site} has no keys for a gateway.`,
    remedies: () => [
      command('For a gateway that Sealift runs, deploy the site, which creates them', 'sealift deploy SITE.yaml'),
      steps(
        'For a gateway in Kubernetes, create them with its files: sealift kubernetes render SITE.yaml --image IMAGE --chart CHART.tgz',
        'For another existing gateway, rotate the keys where it runs.',
      ),
    ],
  }),
  'site.keys-too-young': spec<{ site: string; notBefore: string }>({
    exitCode: 3,
    message: ({ site }) =>
      `The new keys of the gateway of ${site} were deployed or rendered less than three days ago: tokens signed with the former ones may still be in use.`,
    remedies: ({ site, notBefore }) => [
      steps(`Rotate after ${notBefore}.`),
      command(
        'Rotate now; Duo refuses tokens signed with the dropped keys until GitLab gets new ones',
        `sealift gateway-key rotate --site ${site} --drop-old-keys`,
      ),
    ],
  }),
  'site.keys-not-brought': spec<{ site: string; rotatedAt: string }>({
    exitCode: 3,
    message: ({ site, rotatedAt }) =>
      `The gateway of ${site} has not received the keys of the last rotation (${rotatedAt}): it may still sign with keys that another rotation would drop.`,
    remedies: ({ site }) => [
      command('For a gateway that Sealift runs, deploy the site again', 'sealift deploy SITE.yaml'),
      steps(
        'For a gateway in Kubernetes, render its files again and run their install.sh: sealift kubernetes render SITE.yaml --image IMAGE --chart CHART.tgz',
        'Rotate again three days later.',
      ),
      command(
        'Or rotate now; Duo refuses tokens signed with the dropped keys until GitLab gets new ones',
        `sealift gateway-key rotate --site ${site} --drop-old-keys`,
      ),
    ],
  }),
  'site.rotations-damaged': spec<{ path: string; site: string }>({
    exitCode: 4,
    message: ({ path }) =>
      `Cannot use ${path}, which records when the gateway's keys were rotated: it is damaged or was written by another version of Sealift.`,
    remedies: ({ path, site }) => [
      steps(`Restore ${path} from your backup.`),
      command(
        'Or rotate without it; Duo may refuse tokens signed with the dropped keys until GitLab gets new ones',
        `sealift gateway-key rotate --site ${site} --drop-old-keys`,
      ),
    ],
  }),
};
