import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import { importText as text } from '../../text/import.ts';
import { stopWaiting } from './import-store.ts';

/** Returns the media with contents that are still missing. The last medium is not included until the list of the whole bundle was read. */
export function missingMedia(plan: ImportPlan): ImportPlan['media'] {
  return plan.media.filter((one) => one.path === undefined && one.isNeeded);
}

/** True when the import can continue only with another medium. */
export function onlyMediaMissing(plan: ImportPlan): boolean {
  const isBlocked = plan.findings.some((one) => one.severity === 'red');
  const isLacking = missingMedia(plan).length > 0 || !plan.isHeadSeen;
  return plan.readBytes === 0 && !plan.isComplete && !isBlocked && isLacking;
}

/** Asks for the missing medium. */
export function MissingMedium({ plan, wantsRest }: { plan: ImportPlan; wantsRest: boolean }) {
  const missing = missingMedia(plan);
  const names = [
    ...missing.map((one) => text.pleaseMedium(one.ordinal)),
    ...(plan.isHeadSeen ? [] : [text.pleaseLast]),
  ];
  const hereBytes = plan.contents.reduce((sum, one) => sum + one.hereBytes, 0);
  const totalBytes = plan.contents.reduce((sum, one) => sum + (one.leftOut ? one.hereBytes : one.totalBytes), 0);
  return (
    <section className="sl-wait" role="status">
      <Stack gap={12} align="center">
        <Title order={2} className="sl-wait-title">
          {text.please(names.join(', '))}
        </Title>
        {missing.length > 0 && <Text>{text.pleaseLabels(missing.map((one) => one.label).join(', '))}</Text>}
        <Text>{wantsRest ? text.pleaseHow : text.pleaseHowIdle}</Text>
        {plan.isHeadSeen && (
          <Text className="sl-quiet">{text.brought(bytesText(hereBytes), bytesText(totalBytes))}</Text>
        )}
        {wantsRest && (
          <Group>
            <Button variant="default" onClick={stopWaiting}>
              {text.stopWaiting}
            </Button>
          </Group>
        )}
      </Stack>
    </section>
  );
}
