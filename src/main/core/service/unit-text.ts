import { isAbsolute, join, relative } from 'node:path';
import { type UnitPlace, unitMark } from './unit-place.ts';

/** What a unit is made of beside its place. Paths are whole. */
export interface UnitFacts {
  site: string;
  siteFolder: string;
  /** Owner of the site's folder: the machine's systemd runs the service as this user. */
  uid: number;
  gid: number;
  node: string;
  /** The built entry of the service. */
  entry: string;
}

/** What any user may ask of systemd for a service. Memory that is writable and executable stays allowed: Node compiles. */
const hardening = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'SystemCallArchitectures=native',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'UMask=0077',
];

/** What needs the machine's systemd. Ports below 1024 may be listened on, as the site file may name them. */
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

/** The systemd unit of a site's service. */
export function unitText({ scope, target }: UnitPlace, facts: UnitFacts): string {
  const { site, siteFolder, node, entry } = facts;
  return [
    unitMark(siteFolder),
    '[Unit]',
    `Description=Sealift: service of site ${site}`,
    ...(scope === 'system' ? ['Wants=network-online.target', 'After=network-online.target docker.service'] : []),
    'StartLimitIntervalSec=300',
    'StartLimitBurst=5',
    '',
    '[Service]',
    `ExecStart=${[node, entry, siteFolder].map((one) => quoted(one).replaceAll('$', '$$$$')).join(' ')}`,
    ...(scope === 'system' ? [`User=${facts.uid}`, `Group=${facts.gid}`] : []),
    'Restart=on-failure',
    'RestartSec=10',
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

// What lies in /tmp would be hidden from the service.
function privateTmp({ siteFolder, node, entry }: UnitFacts): string[] {
  const isIn = (folder: string, path: string) => {
    const below = relative(folder, path);
    return !below.startsWith('..') && !isAbsolute(below);
  };
  const isNeeded = [siteFolder, node, entry].some((path) => isIn('/tmp', path) || isIn('/var/tmp', path));
  return isNeeded ? [] : ['PrivateTmp=yes'];
}

/** One word of a unit's line. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;
}
