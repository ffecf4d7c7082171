import type { Security } from '../../../shared/machine.ts';
import type { ToolAnswer } from '../processes/run-tool.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import type { SystemView } from './system-view.ts';

/** Examines SELinux, AppArmor and firewalls, as far as an ordinary user may see them. */
export async function collectSecurity(view: SystemView): Promise<Security> {
  const [selinux, isApparmorOn, firewalls] = await Promise.all([selinuxOf(view), apparmorOf(view), firewallsOf(view)]);
  return { selinux, isApparmorOn, firewalls };
}

async function selinuxOf(view: SystemView): Promise<Security['selinux']> {
  if (view.platform !== 'linux') return null;
  const enforce = (await view.text('/sys/fs/selinux/enforce'))?.trim();
  if (enforce === '1') return 'enforcing';
  if (enforce === '0') return 'permissive';
  const answer = await view.tool('getenforce', []);
  const word = answer.kind === 'ok' ? answer.stdout.trim().toLowerCase() : '';
  return word === 'enforcing' || word === 'permissive' || word === 'disabled' ? word : null;
}

async function apparmorOf(view: SystemView): Promise<boolean | null> {
  const text = (await view.text('/sys/module/apparmor/parameters/enabled'))?.trim();
  return text === 'Y' ? true : text === 'N' ? false : null;
}

async function firewallsOf(view: SystemView): Promise<Security['firewalls']> {
  if (view.platform === 'win32') {
    const answer = await view.tool('netsh', ['advfirewall', 'show', 'allprofiles', 'state']);
    return answer.kind === 'ok' ? [{ name: 'Windows Firewall', isActive: anyProfileOn(answer.stdout) }] : [];
  }
  if (view.platform === 'darwin') {
    const answer = await view.tool('/usr/libexec/ApplicationFirewall/socketfilterfw', ['--getglobalstate']);
    const state = answer.kind === 'ok' ? /State = (\d)/.exec(answer.stdout)?.[1] : undefined;
    return answer.kind === 'ok'
      ? [{ name: 'macOS firewall', isActive: state === undefined ? null : state !== '0' }]
      : [];
  }
  const [firewalld, ufw, units] = await Promise.all([
    view.tool('firewall-cmd', ['--state']),
    view.text('/etc/ufw/ufw.conf'),
    view.tool('systemctl', ['is-active', 'firewalld', 'nftables', 'iptables']),
  ]);
  return linuxFirewalls(firewalld, ufw, saidBy(units));
}

/** `units`: what systemctl reports for firewalld, nftables and iptables, one word per line. */
function linuxFirewalls(firewalld: ToolAnswer, ufw: string | undefined, units: string): Security['firewalls'] {
  const [daemon, nftables, iptables] = units.split('\n').map((one) => one.trim());
  const found: Security['firewalls'] = [];
  const state = firstShownLine(saidBy(firewalld));
  if (firewalld.kind !== 'missing') {
    // The tool may refuse ordinary users, but everyone can read its unit's state.
    const isActive =
      state === 'running' ? true : /^not running/.test(state) ? false : daemon === 'active' ? true : null;
    found.push({ name: 'firewalld', isActive });
  }
  const enabled = /^ENABLED=(yes|no)\s*$/im.exec(ufw ?? '')?.[1];
  if (enabled !== undefined) found.push({ name: 'ufw', isActive: enabled.toLowerCase() === 'yes' });
  if (nftables === 'active') found.push({ name: 'nftables', isActive: true });
  if (iptables === 'active') found.push({ name: 'iptables', isActive: true });
  return found;
}

/** Windows prints a line per profile, `State  ON`, in the system's language: only the English words are known. */
function anyProfileOn(text: string): boolean | null {
  const states = [...text.matchAll(/\b(ON|OFF)\s*$/gm)].map((match) => match[1]);
  return states.length === 0 ? null : states.includes('ON');
}

function saidBy(answer: ToolAnswer): string {
  return answer.kind === 'ok' ? answer.stdout : answer.kind === 'failed' ? answer.output : '';
}
