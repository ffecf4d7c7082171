import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Machine, NotKnown } from '../../../../shared/machine.ts';
import { amber, green } from './make-finding.ts';

/** What is to say about the operating system, and about what could not be found out. */
export function systemFindings({ os, notKnown }: Machine): Finding[] {
  // GPUs and the engine speak of their own unknowns.
  const others = notKnown.filter((one) => one.what !== 'gpus' && one.what !== 'engine');
  return [system(os), ...others.map(unknown)];
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

function unknown({ what, why }: NotKnown): Finding {
  return amber({
    id: `hardware.not-known-${what}`,
    title: `Not known: ${what.replace('-', ' for ')}`,
    consequence: 'Sealift does not guess; what depends on it is left out of the verdicts.',
    remedies: [steps('Check again as root, or on the machine itself instead of in a container.')],
    howWeKnow: why,
  });
}
