import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Machine, NotKnown } from '../../../../shared/machine.ts';
import { amber, green } from './make-finding.ts';

/** Returns the findings about the operating system, and about unknown facts. */
export function systemFindings({ os, notKnown }: Machine): Finding[] {
  // GPUs and the engine have their own findings for unknown facts.
  const others = notKnown.filter((one) => one.what !== 'gpus' && one.what !== 'engine');
  return [system(os), ...hostname(os), ...environment(os), ...others.map(unknown)];
}

function system(os: Machine['os']): Finding {
  const title = `System: ${os.name ?? os.platform}, kernel ${os.kernel}`;
  if (os.platform === 'linux') return green('hardware.os', title);
  return amber({
    id: 'hardware.os',
    title,
    consequence:
      "Suitable for packing and rehearsal. GitLab's AI Gateway and vLLM are published for Linux on x86-64 only.",
    remedies: [steps('Use a Linux machine for the site; this one can pack bundles and rehearse.')],
  });
}

function hostname(os: Machine['os']): Finding[] {
  if (!/^localhost(\.|$)/i.test(os.hostname)) return [];
  return [
    amber({
      id: 'hardware.hostname',
      title: `This machine's host name is ${os.hostname}`,
      consequence: 'On GitLab and in containers, this name points to themselves.',
      remedies: [
        steps('Set a unique name, as root: hostnamectl set-hostname NAME', 'Or use its IP address in site.yaml.'),
      ],
      howWeKnow: 'the host name reported by the system',
    }),
  ];
}

function environment(os: Machine['os']): Finding[] {
  if (os.environment === 'container') {
    return [
      amber({
        id: 'hardware.in-container',
        title: 'This check runs in a container',
        consequence:
          'It sees only the disks, ports, engine and GPUs available to the container, not the whole machine.',
        remedies: [steps('If the site will run on the machine itself, run the check there.')],
        howWeKnow: '/.dockerenv, /run/.containerenv or systemd-detect-virt',
      }),
    ];
  }
  if (os.environment !== 'wsl') return [];
  return [
    amber({
      id: 'hardware.wsl',
      title: 'This is Linux inside Windows (WSL)',
      consequence: "Windows can stop it at any time, and it has only part of Windows' memory. Suitable for rehearsal.",
      remedies: [
        steps(
          'Use a Linux machine for the site.',
          'Or set memory= in .wslconfig and keep WSL running: vmIdleTimeout=-1.',
        ),
      ],
      howWeKnow: 'the kernel name',
    }),
  ];
}

function unknown({ what, why }: NotKnown): Finding {
  return amber({
    id: `hardware.not-known-${what}`,
    title: `Unknown: ${what.replace('-', ' for ')}`,
    consequence: 'Sealift does not guess: verdicts leave out everything that depends on it.',
    remedies: [steps('Check again as root, or on the machine itself if this is a container.')],
    howWeKnow: why,
  });
}
