import type { push } from '../../../shared/contract/push.ts';
import { steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { isSignedElsewhere } from '../bundle/format/attached.ts';
import { repairedFindings, repairedMedia } from '../bundle/read/repaired-finding.ts';
import { isLoopback } from '../http/network-host.ts';
import { loginText, type RemoteAccess } from '../remote/remote-access.ts';
import { type Comparison, canComplete } from './compare-push.ts';
import type { PushSource } from './push-source.ts';
import type { PushTarget } from './push-target.ts';

type Planned = OutputOf<typeof push.plan>;

/** What is pushed and where to, compared with the registry. */
export interface PreparedPush {
  target: PushTarget;
  access: RemoteAccess;
  source: PushSource;
  comparison: Comparison;
}

/** Returns what a plan and a result have in common, as in the contract. `isSent`: everything that could be sent was, but for what was `refused`. */
export function shownPush(
  { target, access, source, comparison }: PreparedPush,
  isSent: boolean,
  refused: readonly string[] = [],
): Omit<Planned, 'sendBytes' | 'presentBytes'> {
  const contents = comparison.contents.map((one): Planned['contents'][number] => {
    const { content, place, isPresent, replaces } = one;
    const isWhole = isPresent || canComplete(one, comparison.placed);
    return {
      kind: content.kind,
      name: content.name,
      reference: `${target.host}/${place.repository}:${place.tag}`,
      digest: content.digest,
      totalBytes: content.blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      state: isPresent || (isSent && isWhole) ? 'present' : isWhole ? 'absent' : 'incomplete',
      ...(replaces !== undefined && { replaces }),
    };
  });
  const isMissing = contents.some(({ state }) => state === 'incomplete');
  const missing = isMissing ? source.absentMedia : [];
  const { bundle, signature } = source;
  return {
    registry: target.host,
    login: loginText(access.login),
    ...(bundle && { bundle }),
    ...(signature && { signature }),
    contents,
    missing,
    findings: [
      ...source.findings,
      ...repairedFindings(repairedMedia(source.media)),
      ...plainFindings(target),
      ...missingFindings(missing),
      ...(isMissing && missing.length === 0 ? baseFindings(source.base) : []),
      ...replacedFindings(contents, isSent),
      ...signedElsewhereFindings(comparison),
      ...refusedFindings(target, refused),
    ],
  };
}

function plainFindings({ origin, host }: PushTarget): Finding[] {
  const { protocol, hostname } = new URL(origin);
  if (protocol === 'https:' || isLoopback(hostname)) return [];
  return [
    {
      id: 'push.plain-http',
      severity: 'amber',
      title: `${host} is asked without TLS`,
      consequence:
        'Anyone on the way can read the login and change the content. Digests show a change when the content is pulled by digest.',
      remedies: [steps('Set up a certificate for the registry, then write its name without http://.')],
    },
  ];
}

function signedElsewhereFindings({ contents }: Comparison): Finding[] {
  const names = contents
    .filter(({ content }) => content.kind === 'image' && isSignedElsewhere(content.attached, content.digest))
    .map(({ content }) => content.name);
  if (names.length === 0) return [];
  return [
    {
      id: 'push.signed-for-all-platforms',
      severity: 'amber',
      title: `Signed for all platforms together, of which only one is here: ${someOf(names)}`,
      consequence:
        "Its publisher signed the list of platforms, which is not part of the bundle. Whoever checks signatures in this registry, such as cosign or a cluster's admission rule, finds none for this image. The bundle's signature covers it.",
      remedies: [
        steps(
          "Where the site checks signatures: sign the image in the registry with the site's own key, and let the rule ask for that one.",
          "The publisher's signature can be checked while packing: `verify` of the image in BUNDLE.yaml.",
        ),
      ],
    },
  ];
}

function someOf(names: readonly string[]): string {
  return `${names.slice(0, 3).join('; ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}

function refusedFindings({ host }: PushTarget, refused: readonly string[]): Finding[] {
  if (refused.length === 0) return [];
  return [
    {
      id: 'push.attached-refused',
      severity: 'amber',
      title: `${host} refused what is attached to images: ${someOf(refused)}`,
      consequence:
        'The images are complete there. Whoever looks for their signatures or SBOMs in this registry does not find these.',
      remedies: [
        steps(
          'The media have them: `sealift bundle inspect` lists what is attached to each image.',
          'If the registry can be set to take these types, or its repository has another tag or manifest in the way, correct that and push again.',
        ),
      ],
    },
  ];
}

function missingFindings(missing: readonly string[]): Finding[] {
  if (missing.length === 0) return [];
  return [
    {
      id: 'push.next-medium',
      severity: 'amber',
      title: `Not complete yet: insert ${missing.join(', ')}.`,
      consequence: 'The registry keeps what it has. A file that is cut over two media needs both at once.',
      remedies: [steps('Insert the media, name all that are inserted, and run the same command again.')],
    },
  ];
}

function baseFindings(base = 'another bundle'): Finding[] {
  return [
    {
      id: 'push.base-missing',
      severity: 'red',
      title: `This bundle carries only what ${base} lacks, and some of the rest is neither in the registry nor in the store.`,
      consequence: 'The contents that need it are not complete in the registry, and have no tag there.',
      remedies: [
        steps(
          'Push the media of the earlier bundle to the same place, and run the same command again. That helps with contents that have the same name there.',
          'For models and files, importing the media of the earlier bundle on this machine helps too.',
          'Otherwise, pack this bundle again without --base.',
        ),
      ],
    },
  ];
}

function replacedFindings(contents: Planned['contents'], isSent: boolean): Finding[] {
  return contents
    .filter(({ replaces, state }) => replaces !== undefined && state !== 'incomplete')
    .map(({ reference, replaces }) => ({
      id: 'push.tag-moves',
      severity: 'amber',
      title: isSent ? `The tag ${reference} named ${replaces} before` : `The tag ${reference} names ${replaces} now`,
      consequence: isSent
        ? 'It names this content now. The old one can still be pulled by its digest.'
        : 'It will name this content.',
      remedies: [steps('Whoever needs the old content must name it by its digest.')],
    }));
}
