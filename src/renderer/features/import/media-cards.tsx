import { Button, Checkbox, Group, Progress, Stack, Text } from '@mantine/core';
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
  /** False while something reads the media. */
  isIdle: boolean;
}

/** A card for each medium that is there or is known to be missing. */
export function MediaCards(props: Props) {
  const { carriers, plan } = props;
  const away = plan?.media.filter((one) => !carriers.some((carrier) => carrier.path === one.path)) ?? [];
  return (
    <ul className="sl-cards" aria-label={text.media}>
      {carriers.map((carrier) => (
        <CarrierCard key={carrier.path} carrier={carrier} {...props} />
      ))}
      {away.map((medium) => (
        <li key={medium.ordinal} className="sl-panel sl-away">
          <Text fw={600}>{text.medium(medium.ordinal, countOf(plan))}</Text>
          <Text>{medium.label}</Text>
          <StateMark status={medium.isNeeded ? 'look' : 'done'} wordless />{' '}
          {medium.isNeeded ? `${text.notThere}, ${text.needed}` : `${text.notThere}, ${text.allHere}`}
        </li>
      ))}
    </ul>
  );
}

function CarrierCard({ carrier, leftOut, plan, error, signer, mayWrite, isIdle }: Props & { carrier: Carrier }) {
  const { path, addedAs, filesystem, sizeBytes, freeBytes, problem } = carrier;
  const medium = plan?.media.find((one) => one.path === path);
  const isUsed = !leftOut.includes(path);
  // A folder that cannot be read, or that holds no medium, is none.
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
          <>
            <Trust plan={medium && plan} error={isUsed ? error : undefined} signer={signer} />
            {sizeBytes > 0 && (
              <div>
                <Progress value={(100 * (sizeBytes - freeBytes)) / sizeBytes} aria-hidden size="sm" radius="xs" />
                <Text size="xs" className="sl-quiet">
                  {text.space(bytesText(freeBytes), bytesText(sizeBytes))} {filesystem && `· ${filesystem}`}
                </Text>
              </div>
            )}
            {medium && isIdle && isEmptied(plan, medium.ordinal) && (
              <Text size="sm" role="status">
                <StateMark status="done" wordless /> {text.safe(medium.ordinal)}
              </Text>
            )}
          </>
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
    const word = { 'bundle.untrusted': text.notTrusted, 'bundle.unsigned': text.notSigned }[error?.code ?? ''];
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

/** Without the head nobody knows how many media there are. */
function countOf(plan: ImportPlan | undefined): number | undefined {
  return plan?.isHeadSeen ? plan.media.length : undefined;
}

/** True when all that an import needs of a medium is here. */
function isEmptied(plan: ImportPlan | undefined, ordinal: number): boolean {
  const own = plan?.parts.filter((part) => part.ordinal === ordinal && part.content !== undefined) ?? [];
  const isListed = plan?.isHeadSeen === true && plan.parts.length === plan.partCount;
  return isListed && own.length > 0 && own.every((part) => part.isHere);
}
