import type { Os } from '../../../shared/machine.ts';
import { isLoopback } from '../http/network-host.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import { type Collected, unknownFact } from './collected.ts';
import type { SystemView } from './system-view.ts';

/** Distribution (ID), name and version of the system; null if the text does not contain them. */
export interface OsReading {
  id: string | null;
  name: string | null;
  version: string | null;
}

/** Reads `/etc/os-release`: shell-like lines, values with or without quotes. */
export function parseOsRelease(text: string): OsReading {
  const row = (name: string) => {
    const match = new RegExp(`^${name}=(.*)$`, 'm').exec(text);
    return (
      firstShownLine(
        (match?.[1] ?? '')
          .trim()
          .replace(/^(["'])(.*)\1$/, '$2')
          .replace(/\\(.)/g, '$1'),
      ) || null
    );
  };
  return { id: row('ID'), name: row('PRETTY_NAME') ?? row('NAME'), version: row('VERSION_ID') };
}

/** Reads what macOS's `sw_vers` prints. */
export function parseSwVers(text: string): OsReading {
  const row = (name: string) => firstShownLine(new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '') || null;
  return { id: null, name: row('ProductName'), version: row('ProductVersion') };
}

/** Where a hosts file sends a name: to an address, only to this machine itself, or nowhere. */
export function hostnameInHosts(hosts: string, name: string): NonNullable<Os['hostnameGoes']> {
  const short = name.split('.')[0]?.toLowerCase();
  const addresses = hosts.split(/\r?\n/).flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const isNamed = names.some((one) => [name.toLowerCase(), short].includes(one.toLowerCase()));
    return address && isNamed ? [address] : [];
  });
  if (addresses.length === 0) return 'not-listed';
  return addresses.every(isLoopback) ? 'loopback' : 'address';
}

/**
 * Examines the operating system directly, not through systeminformation, whose `osInfo` looks up the full host name: a DNS query
 * that would leave the machine.
 */
export async function collectOs(view: SystemView): Promise<Collected<Os>> {
  const hostsFile = view.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts';
  const [reading, environment, hosts] = await Promise.all([readOs(view), environmentOf(view), view.text(hostsFile)]);
  const facts: Os = {
    platform: view.platform,
    ...reading,
    kernel: view.kernel,
    hostname: view.hostname,
    environment,
    hostnameGoes: hosts === undefined ? null : hostnameInHosts(hosts, view.hostname),
  };
  const lacks = reading.name === null ? [unknownFact('os', 'The system does not report its name.')] : [];
  return { facts, notKnown: lacks };
}

const containers = /^(docker|podman|lxc|lxc-libvirt|systemd-nspawn|openvz|rkt|container-other|pouch|proot)$/;

/** Returns what systemd reports, else judges by traces of containers and WSL. Without either, the environment is unknown. */
async function environmentOf(view: SystemView): Promise<Os['environment']> {
  if (view.platform !== 'linux') return null;
  if (/microsoft/i.test(view.kernel)) return 'wsl';
  const [docker, podman, answer] = await Promise.all([
    view.text('/.dockerenv'),
    view.text('/run/.containerenv'),
    view.tool('systemd-detect-virt', []),
  ]);
  // If it finds nothing, it prints "none" and exits with 1.
  const word = (answer.kind === 'ok' ? answer.stdout : answer.kind === 'failed' ? answer.output : '').trim();
  if (docker !== undefined || podman !== undefined || containers.test(word)) return 'container';
  if (word === 'none') return 'metal';
  if (/^[a-z][a-z-]{1,20}$/.test(word)) return 'vm';
  return /^flags\s*:.*\bhypervisor\b/m.test((await view.text('/proc/cpuinfo')) ?? '') ? 'vm' : null;
}

/** Reads distribution, name and version of a system. */
export async function readOs(view: SystemView): Promise<OsReading> {
  if (view.platform === 'win32') return { id: null, name: view.systemVersion, version: view.kernel };
  if (view.platform === 'darwin') {
    const answer = await view.tool('sw_vers', []);
    return parseSwVers(answer.kind === 'ok' ? answer.stdout : '');
  }
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    const text = await view.text(path);
    if (text) return parseOsRelease(text);
  }
  return { id: null, name: null, version: null };
}
