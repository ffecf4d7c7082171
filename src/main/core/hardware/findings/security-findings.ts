import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Machine } from '../../../../shared/machine.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import { amber, green } from './make-finding.ts';

/** Returns the findings about SELinux, AppArmor and firewalls. */
export function securityFindings(machine: Machine): Finding[] {
  return [...selinux(machine), ...apparmor(machine), ...firewalls(machine)];
}

function selinux({ security, engine, disks }: Machine): Finding[] {
  const id = 'hardware.selinux';
  if (security.selinux === null) return [];
  if (security.selinux !== 'enforcing') return [green(id, `SELinux is ${security.selinux}`)];
  // Podman labels whenever SELinux enforces; Docker only if configured to, and then reports it.
  const isLabelling = engine.isSelinuxOn === true || engine.product === 'podman';
  if (!isLabelling) return [green(id, 'SELinux is enforcing; the container engine does not label containers')];
  const store = disks.find((disk) => disk.use === 'store')?.path ?? 'STORE';
  return [
    amber({
      id,
      title: 'SELinux is enforcing and confines containers',
      consequence: 'Containers can read only files with their label, so a model server could not read the weights.',
      remedies: [
        steps(
          `Label the store, as root: semanage fcontext -a -t container_file_t ${shellWord(`${literal(store)}(/.*)?`)}`,
          `Then: restorecon -R ${shellWord(store)}`,
          'If a container is still denied access, see why: ausearch -m AVC -ts recent',
        ),
      ],
      howWeKnow: '/sys/fs/selinux/enforce or getenforce, and SecurityOptions in docker info',
    }),
  ];
}

/** Returns a regular expression that matches this path only. */
function literal(path: string): string {
  return path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function apparmor({ security }: Machine): Finding[] {
  return security.isApparmorOn === true ? [green('hardware.apparmor', 'AppArmor is on')] : [];
}

const opening: Record<string, string> = {
  firewalld:
    'firewall-cmd --permanent --add-port=5052/tcp --add-port=50052/tcp, then: firewall-cmd --reload (opens them to all addresses; use a rich rule for one)',
  ufw: 'ufw allow from ADDRESS-OF-GITLAB to any port 5052,50052 proto tcp',
  nftables: 'add an accept rule for tcp dport { 5052, 50052 } to /etc/nftables.conf, then: systemctl reload nftables',
  iptables: 'iptables -I INPUT -p tcp -s ADDRESS-OF-GITLAB -m multiport --dports 5052,50052 -j ACCEPT',
};

function firewalls({ security }: Machine): Finding[] {
  const active = security.firewalls.filter((one) => one.isActive !== false);
  if (active.length === 0) return [];
  return active.map(({ name, isActive }) =>
    amber({
      id: 'hardware.firewall',
      title: isActive ? `Firewall ${name} is on` : `Firewall ${name}: state unknown`,
      consequence: 'GitLab must reach the AI Gateway on ports 5052 and 50052, which a firewall may block.',
      remedies: [steps(`Allow GitLab's address, as root: ${opening[name] ?? 'in the firewall settings'}`)],
      howWeKnow: "what the firewall's tools report to an ordinary user",
    }),
  );
}
