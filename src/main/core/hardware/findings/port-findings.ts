import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Port } from '../../../../shared/machine.ts';
import { amber, green } from './make-finding.ts';

/** Returns the findings about the ports of a site: which ones are in use, and by what. */
export function portFindings(ports: Port[]): Finding[] {
  const taken = ports.filter((one) => one.state === 'taken').map(takenPort);
  const free = ports.filter((one) => one.state === 'free').map((one) => one.port);
  if (free.length === 0) return taken;
  return [...taken, green('hardware.ports', `Free ports: ${free.join(', ')}`, 'bound on 127.0.0.1 and on 0.0.0.0')];
}

function takenPort({ port, purpose, owner }: Port): Finding {
  const who = owner ? `${owner.name} (process ${owner.pid})` : 'a process that this user cannot see';
  return amber({
    id: `hardware.port-${port}`,
    title: `Port ${port} (${purpose}) is used by ${who}`,
    consequence: `The ${purpose} cannot listen on it. If the process is the ${purpose} of an earlier installation, this is fine.`,
    remedies: [
      steps(
        owner ? `See what it is: ps -fp ${owner.pid}` : `See what it is, as root: ss -ltnp 'sport = :${port}'`,
        'Stop it, or set another port in the site file.',
      ),
    ],
    howWeKnow: 'binding failed: address in use',
  });
}
