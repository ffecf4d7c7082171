import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import type { Carrier } from '../../../shared/contract/media.ts';
import { removeMediaDir } from '../../state/media.ts';
import type { ShownError } from '../../state/shown-error.ts';
import { importText as text } from '../../text/import.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { setMediumUsed } from './import-store.ts';

interface Props {
  carriers: readonly Carrier[];
  leftOut: readonly string[];
  plan: ImportPlan | undefined;
  error: ShownError | undefined;
  signer: string | undefined;
  mayWrite: boolean;
  /** False while a job reads the media. */
  isIdle: boolean;
}

/** A card for each medium that is connected or known to be missing, sorted by number. Media of unknown number come last. */
export function MediaCards(props: Props) {
  const { carriers, plan } = props;
  const away = plan?.media.filter((one) => !carriers.some((carrier) => carrier.path === one.path)) ?? [];
  const ordinalOf = ({ path }: Carrier) => plan?.media.find((one) => one.path === path)?.ordinal ?? Infinity;
  const cards = [
    ...carriers.map((carrier) => ({
      ordinal: ordinalOf(carrier),
      card: <CarrierCard key={carrier.path} carrier={carrier} {...props} />,
    })),
    ...away.map((medium) => ({
      ordinal: medium.ordinal,
      card: <AwayCard key={medium.ordinal} medium={medium} plan={plan} />,
    })),
  ];
  return (
    <ul className="sl-cards" aria-label={text.media}>
      {cards.sort((a, b) => (a.ordinal === b.ordinal ? 0 : a.ordinal - b.ordinal)).map((one) => one.card)}
    </ul>
  );
}

function AwayCard({ medium, plan }: { medium: ImportPlan['media'][number]; plan: ImportPlan | undefined }) {
  return (
    <li className="sl-panel sl-away">
      <Text fw={600}>{text.medium(medium.ordinal, countOf(plan))}</Text>
      <Text>{medium.label}</Text>
      <StateMark status={medium.isNeeded ? 'look' : 'done'} wordless />{' '}
      {medium.isNeeded ? `${text.notThere}, ${text.needed}` : `${text.notThere}, ${text.allHere}`}
    </li>
  );
}

function CarrierCard({ carrier, leftOut, plan, error, signer, mayWrite, isIdle }: Props & { carrier: Carrier }) {
  const { path, addedAs, problem } = carrier;
  const medium = plan?.media.find((one) => one.path === path);
  const isUsed = !leftOut.includes(path);
  // An added folder that is unreadable or contains no bundle is not called a medium.
  const nameless = problem && addedAs ? text.addedFolder : text.unknownMedium;
  return (
    <li className="sl-panel">
      <Stack gap={6}>
        <Text fw={600}>{medium ? text.medium(medium.ordinal, countOf(plan)) : nameless}</Text>
        {medium && <Text>{medium.label}</Text>}
        <Text className="sl-mono">{path}</Text>
        {problem ? (
          <Text>
            <StateMark status="blocked" wordless /> {problem}
          </Text>
        ) : (
          <Trust plan={medium && plan} error={isUsed ? error : undefined} signer={signer} />
        )}
        {!problem && <Space carrier={carrier} />}
        {!problem && medium && isIdle && isEmptied(plan, medium.ordinal) && (
          <Text size="sm" role="status">
            <StateMark status="done" wordless /> {text.safe(medium.ordinal)}
          </Text>
        )}
        <Group gap={12}>
          {!problem && (
            <Checkbox
              label={text.use}
              checked={isUsed}
              disabled={!isIdle}
              onChange={(event) => setMediumUsed(path, event.currentTarget.checked)}
            />
          )}
          {addedAs && (
            <Button
              size="compact-sm"
              variant="subtle"
              disabled={!mayWrite || !isIdle}
              onClick={() => void removeMediaDir(addedAs)}
              aria-label={`${text.remove}: ${addedAs}`}
            >
              {text.remove}
            </Button>
          )}
        </Group>
      </Stack>
    </li>
  );
}

function Space({ carrier: { filesystem, sizeBytes, freeBytes } }: { carrier: Carrier }) {
  if (sizeBytes === 0) return null;
  return (
    <Text size="xs" className="sl-quiet">
      {text.space(bytesText(freeBytes), bytesText(sizeBytes))} {filesystem && `· ${filesystem}`}
    </Text>
  );
}

const trustWords: Record<string, string> = {
  'bundle.untrusted': text.notTrusted,
  'bundle.new-key': text.notTrusted,
  'bundle.revoked-key': text.revoked,
  'bundle.unsigned': text.notSigned,
};

function Trust({
  plan,
  error,
  signer,
}: {
  plan: ImportPlan | undefined;
  error: ShownError | undefined;
  signer: string | undefined;
}) {
  if (!plan) {
    const word = trustWords[error?.code ?? ''];
    return (
      <Text>
        <StateMark status={word ? 'look' : 'todo'} wordless /> {word ?? text.notRead}
      </Text>
    );
  }
  const { trusted, overrideReason } = plan.signature;
  if (trusted)
    return (
      <Text>
        <StateMark status="done" wordless /> {text.trusted(signer)}
      </Text>
    );
  return (
    <Text>
      <span className="sl-badge sl-look">{text.overridden}</span> {text.overriddenWhy(overrideReason ?? '')}
    </Text>
  );
}

/** Returns how many media the bundle has, which only its head says. */
function countOf(plan: ImportPlan | undefined): number | undefined {
  return plan?.isHeadSeen ? plan.media.length : undefined;
}

/** True when everything that the import needs from a medium is imported. */
function isEmptied(plan: ImportPlan | undefined, ordinal: number): boolean {
  const own = plan?.parts.filter((part) => part.ordinal === ordinal && part.content !== undefined) ?? [];
  const isListed = plan?.isHeadSeen === true && plan.parts.length === plan.partCount;
  return isListed && own.length > 0 && own.every((part) => part.isHere);
}
