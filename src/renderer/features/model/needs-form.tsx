import { Button, Chip, Group, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import { catalogueFeature } from '../../../shared/feature-labels.ts';
import { duoFeature } from '../../../shared/site-file.ts';
import type { Sizing } from '../../../shared/sizing.ts';
import { modelText as text } from '../../text/model.ts';
import { settingsText } from '../../text/settings.ts';
import { peopleOf } from './model-choice.ts';
import { type Needs, useModels, want } from './model-store.ts';

const versionFormat = /^\d{2}\.\d{1,2}(\.\d{1,2})?$/;

/** Asks for the features, the GitLab version and the number of users. */
export function NeedsForm(props: { needs: Needs; newest: string | undefined; sizing: Sizing | undefined }) {
  const { needs, newest, sizing } = props;
  return (
    <Stack gap={8}>
      <Group gap={12} align="flex-end" justify="space-between">
        <Chip.Group
          multiple
          value={needs.features}
          onChange={(values) => want({ features: duoFeature.options.filter((one) => values.includes(one)) })}
        >
          <Group gap={8} role="group" aria-label={text.needs}>
            {duoFeature.options.map((one) => (
              <Chip key={one} value={one} variant="outline">
                {settingsText.features[catalogueFeature[one]]}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <Group gap={12} align="start" className="sl-needs">
          <VersionInput value={needs.gitlabVersion} newest={newest} />
          <PeopleInput users={needs.users} />
        </Group>
      </Group>
      {needs.users !== undefined && sizing && <SizingLines sizing={sizing} />}
    </Stack>
  );
}

/** Keeps what was typed. Outside the limits, it says which number is used instead. */
function PeopleInput({ users }: { users: number | undefined }) {
  const [typed, setTyped] = useState<number | string>(users ?? '');
  const counted = peopleOf(typed);
  return (
    <NumberInput
      label={text.users}
      min={1}
      max={100_000}
      allowDecimal={false}
      clampBehavior="none"
      value={typed}
      error={counted !== undefined && counted !== Number(typed) ? text.usersLimit(counted) : undefined}
      onChange={(value) => {
        setTyped(value);
        want({ users: peopleOf(value) });
      }}
    />
  );
}

/** Shows the load that so many users cause, and the AI Gateways needed for it. */
function SizingLines({ sizing }: { sizing: Sizing }) {
  const concurrency = useModels((one) => one.concurrency);
  const { requestsPerSecond, secondsPerRequest, gateway, sources } = sizing;
  return (
    <Group gap={8} justify="space-between">
      <Text size="xs" className="sl-quiet" title={sources.join('\n')}>
        {text.rate(requestsPerSecond, sizing.concurrency, secondsPerRequest)}{' '}
        {text.gateway(gateway.count, gateway.vcpu, bytesText(gateway.memoryBytes))}
      </Text>
      {concurrency !== sizing.concurrency && (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => useModels.setState({ concurrency: sizing.concurrency })}
        >
          {text.takeRate(sizing.concurrency)}
        </Button>
      )}
    </Group>
  );
}

/** Saves the text only if it is a version. Empty means the newest known version. */
function VersionInput({ value, newest }: { value: string | undefined; newest: string | undefined }) {
  const [typed, setTyped] = useState(value ?? '');
  const isGood = typed === '' || versionFormat.test(typed);
  return (
    <TextInput
      label={text.version}
      placeholder={newest && text.versionNewest(newest)}
      value={typed}
      maxLength={10}
      error={isGood ? undefined : text.versionFormat}
      onChange={(event) => {
        const now = event.currentTarget.value.trim();
        setTyped(now);
        if (now === '' || versionFormat.test(now)) want({ gitlabVersion: now || undefined });
      }}
    />
  );
}
