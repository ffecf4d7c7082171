import { isAbsolute, join, relative } from 'node:path';
import { type UnitPlace, unitMark } from './unit-place.ts';

/** What a unit needs besides its place. Paths are absolute. */
export interface UnitFacts {
  site: string;
  siteFolder: string;
  /** Owner of the site's folder: the system's systemd runs the service as this user. */
  uid: number;
  gid: number;
  /** What starts the service of the site whose folder follows: Node and the built entry, or an installed Sealift by its link. */
  program: string[];
}

/**
 * Hardening that any user may request and systemd always carries out. Writable and executable memory stays allowed, because Node compiles
 * code. Calls are listed that fail, since a list of those that are allowed would break on calls newer than systemd.
 */
const hardening = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'RestrictNamespaces=yes',
  'SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @privileged @raw-io @reboot @swap',
  'SystemCallErrorNumber=EPERM',
  'SystemCallArchitectures=native',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'UMask=0077',
];

/** Hardening that needs the system's systemd. It allows ports below 1024, because the site file may name them. */
const systemHardening = [
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
  'AmbientCapabilities=CAP_NET_BIND_SERVICE',
];

/**
 * How `systemd-analyze security` of systemd 252 rates the units, from 0 (nothing is open) to 10. The user's has no capabilities to drop and no
 * view of files of its own: a user's systemd refuses to start what asks for the first (218/CAPABILITIES), and before 254, or where users may not
 * create namespaces, it ignores the second without a word, so that the rating would promise what does not hold.
 */
export const unitExposure: Record<UnitPlace['scope'], string> = { system: '2.3 OK', user: '6.3 MEDIUM' };

/** The systemd unit of a site's service. */
export function unitText({ scope, target }: UnitPlace, facts: UnitFacts): string {
  const { site, siteFolder, program } = facts;
  return [
    unitMark(siteFolder),
    '[Unit]',
    `Description=Sealift: service of site ${site}`,
    ...(scope === 'system' ? ['Wants=network-online.target', 'After=network-online.target docker.service'] : []),
    '# systemd must not give up: what the service lacked may be back, such as memory or a disk.',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    `ExecStart=${[...program, siteFolder].map((one) => quoted(one).replaceAll('$', '$$$$')).join(' ')}`,
    ...(scope === 'system' ? [`User=${facts.uid}`, `Group=${facts.gid}`] : []),
    'Restart=on-failure',
    'RestartSec=30',
    '# 3: another process serves the site already.',
    'RestartPreventExitStatus=3',
    'KillMode=mixed',
    'TimeoutStopSec=60',
    `StandardOutput=append:${join(siteFolder, 'logs', 'service.log').replaceAll('%', '%%')}`,
    'StandardError=inherit',
    ...hardening,
    ...(scope === 'system' ? [...systemHardening, ...privateTmp(facts), `ReadWritePaths=${quoted(siteFolder)}`] : []),
    '',
    '[Install]',
    `WantedBy=${target}`,
    '',
  ].join('\n');
}

// PrivateTmp would hide from the service what is in /tmp.
function privateTmp({ siteFolder, program }: UnitFacts): string[] {
  const isIn = (folder: string, path: string) => {
    // A word of the command that is no path has no place.
    if (!isAbsolute(path)) return false;
    const below = relative(folder, path);
    return !below.startsWith('..') && !isAbsolute(below);
  };
  const isNeeded = [siteFolder, ...program].some((path) => isIn('/tmp', path) || isIn('/var/tmp', path));
  return isNeeded ? [] : ['PrivateTmp=yes'];
}

/** Quotes one word of a unit's line. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;
}
