import { steps } from '../../../../shared/errors/define.ts';
import { errorTable } from '../../../../shared/errors/table.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Engine, Machine } from '../../../../shared/machine.ts';
import { amber } from './make-finding.ts';

/** Returns the findings about a Podman: what its containers cannot reach or get, and what a rootless one lacks. */
export function podmanFindings(machine: Machine): Finding[] {
  const { engine, gpus } = machine;
  if (engine.product !== 'podman') return [];
  return [
    ...(gpus.some((gpu) => gpu.vendor === 'nvidia') ? [withoutGpu()] : []),
    ...(engine.isRootless ? [apart(), ...engine.lacks.map((one) => lacking(one, engine.address))] : []),
  ];
}

/** The refusal of a deployment, said before it. */
function withoutGpu(): Finding {
  return amber({
    id: 'hardware.engine-gpu',
    title: 'Podman cannot pass an NVIDIA GPU to a container of a site',
    consequence: 'A site with vLLM in Podman is refused, even if podman run can use the GPU.',
    remedies: errorTable['engine.podman-gpu'].remedies({ asked: 'nvidia' }),
    howWeKnow: "Podman's Docker API ignores a request for a GPU; only its own commands pass one, by CDI",
  });
}

function apart(): Finding {
  return amber({
    id: 'hardware.engine-apart',
    title: 'A rootless Podman isolates its networks',
    consequence:
      'Its containers reach this machine only by an address that others can reach too, and stop when its user logs out.',
    remedies: [
      steps(
        'Set front.host in site.yaml to an address of this machine. The front asks for its key there.',
        'Let its user keep programs running: sudo loginctl enable-linger NAME',
      ),
      steps(
        'Or use Podman as root: sudo systemctl enable --now podman.socket',
        'Then set engineHost: unix:///run/podman/podman.sock in site.yaml.',
      ),
    ],
    howWeKnow: 'SecurityOptions in docker info',
  });
}

function lacking(what: Engine['lacks'][number], address: string): Finding {
  const isIds = what === 'subordinate-ids';
  return amber({
    id: `hardware.engine-lacks-${what}`,
    title: isIds
      ? "The rootless Podman's user has no subordinate user IDs"
      : `The rootless Podman needs the program ${what}, and cannot run it`,
    consequence: isIds
      ? 'Images cannot be imported: their files belong to several users.'
      : 'Its containers cannot have networks, so nothing can be deployed on it.',
    remedies: isIds
      ? errorTable['engine.no-subuid'].remedies({ address })
      : errorTable['engine.lacks-program'].remedies({ program: what, address }),
    howWeKnow: 'podman info',
  });
}
