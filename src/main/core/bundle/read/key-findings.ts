import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { type KeyCondition, keyConditionText } from '../../../../shared/key-condition.ts';
import { fingerprintToWords } from '../../signing/fingerprint.ts';
import { judgeKey } from '../../signing/judge-key.ts';
import type { SignedNotice } from '../../signing/key-notices.ts';
import type { OpenBundle } from './open-media.ts';

/** The finding about revocations by keys that no one here trusts. */
function ignoredNoticesFinding(ignored: readonly SignedNotice[]): Finding[] {
  const signers = [...new Set(ignored.map((one) => one.signer))];
  if (signers.length === 0) return [];
  const shown = signers.slice(0, 3).map(fingerprintToWords).join('; ');
  return [
    {
      id: 'key.notices-ignored',
      severity: 'amber',
      title: `The media revoke ${ignored.length === 1 ? 'a key' : `${ignored.length} keys`} on the word of someone not trusted here: ${shown}.`,
      consequence: 'It is ignored: no key lost trust because of it.',
      remedies: [
        steps('Ask the packing side whether it is theirs. If so, have a key revoked by one that is trusted here.'),
      ],
    },
  ];
}

/** The findings about the keys that signed a bundle which passed anyway, and about notices that don't count. */
export function keyFindings(
  { signature, second, notices }: Pick<OpenBundle, 'signature' | 'second' | 'notices'>,
  now: Date,
): Finding[] {
  const first = judgeKey(notices.book, signature.keyId, now);
  const other = second?.isTrusted ? judgeKey(notices.book, second.keyId, now) : undefined;
  return [
    ...conditionFinding(first, 'key.', 'The bundle is signed by', packedAgain),
    ...(other ? conditionFinding(other, 'key.second-', 'The second signature of the bundle is by', signedAgain) : []),
    ...ignoredNoticesFinding(notices.ignored),
  ];
}

const packedAgain = 'Have the bundle packed again with a current key, and trust that key by its fingerprint.';
const signedAgain =
  'Have the second person delete sealift/countersignature.json on the last medium and sign with a current key: sealift bundle countersign DIR. Trust that key by its fingerprint.';

function conditionFinding(condition: KeyCondition, id: string, whatIsBy: string, remedy: string): Finding[] {
  if (condition.state !== 'expired' && condition.state !== 'revoked') return [];
  return [
    {
      id: `${id}${condition.state}`,
      severity: condition.state === 'expired' ? 'amber' : 'red',
      title: `${whatIsBy} a key that is no longer good: ${keyConditionText(condition)}.`,
      consequence:
        condition.state === 'expired'
          ? 'It may be only the clock of this machine. The report records it.'
          : 'Someone else may have packed it. The report records it.',
      remedies: [steps(remedy)],
    },
  ];
}
