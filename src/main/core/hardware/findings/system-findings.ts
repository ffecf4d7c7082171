import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Machine, NotKnown } from '../../../../shared/machine.ts';
import { amber, green } from './make-finding.ts';

/** What is to say about the operating system, and about what could not be found out. */
export function systemFindings({ os, notKnown }: Machine): Finding[] {
  // GPUs and the engine speak of their own unknowns.
  const others = notKnown.filter((one) => one.what !== 'gpus' && one.what !== 'engine');
  return [system(os), ...hostname(os), ...environment(os), ...others.map(unknown)];
}

function system(os: Machine['os']): Finding {
  const title = `System: ${os.name ?? os.platform}, kernel ${os.kernel}`;
  if (os.platform === 'linux') return green('hardware.os', title);
  return amber({
    id: 'hardware.os',
    title,
    consequence: "Good for packing and rehearsal. GitLab's AI Gateway and vLLM are published for Linux on x86-64 only.",
    remedies: [steps('Use a Linux machine for the site; this one can pack bundles and rehearse.')],
  });
}

function hostname(os: Machine['os']): Finding[] {
  if (!/^localhost(\.|$)/i.test(os.hostname)) return [];
  return [
    amber({
      id: 'hardware.hostname',
      title: `The name of this machine is ${os.hostname}`,
      consequence: 'GitLab and containers would look for it on themselves.',
      remedies: [
        steps(
          'Give it a name of its own, as root: hostnamectl set-hostname NAME',
          'Or use its IP address in site.yaml.',
        ),
      ],
      howWeKnow: 'the host name as the system tells it',
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
          'Disks, ports, the engine and GPUs are those that the container was given, not all of the machine.',
        remedies: [steps('Run it on the machine itself if the site shall run there.')],
        howWeKnow: '/.dockerenv, /run/.containerenv or systemd-detect-virt',
      }),
    ];
  }
  if (os.environment !== 'wsl') return [];
  return [
    amber({
      id: 'hardware.wsl',
      title: 'This is Linux inside Windows (WSL)',
      consequence: 'It ends when Windows closes it, and its memory is a part of that of Windows. Good for rehearsal.',
      remedies: [
        steps(
          'Use a Linux machine for the site.',
          'Or set memory= in .wslconfig and keep WSL running: vmIdleTimeout=-1.',
        ),
      ],
      howWeKnow: 'the name of the kernel',
    }),
  ];
}

function unknown({ what, why }: NotKnown): Finding {
  return amber({
    id: `hardware.not-known-${what}`,
    title: `Not known: ${what.replace('-', ' for ')}`,
    consequence: 'Sealift does not guess; what depends on it is left out of the verdicts.',
    remedies: [steps('Check again as root, or on the machine itself instead of in a container.')],
    howWeKnow: why,
  });
}
