import { Button, Chip, Group, NativeSelect, NumberInput, Stack, Text } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { featureNames, neededEngine } from '../../../shared/site-needs.ts';
import { useJob } from '../../state/use-job.ts';
import { packText as text } from '../../text/pack.ts';
import { settingsText } from '../../text/settings.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { changeSite, takeWorkedOut, usePack, workOut } from './pack-store.ts';

/** Asks what the site is, works out what it needs, and offers that as contents. */
export function SitePart({ mayWrite }: { mayWrite: boolean }) {
  const { site, draft, workedOutBy } = usePack();
  const working = useJob('bundle', 'needs');
  const isOwn = working.job !== undefined && working.job.id === workedOutBy;
  return (
    <Stack gap={12}>
      <Group gap={16} align="flex-end">
        <NativeSelect
          label={text.engine}
          value={site.engine}
          data={neededEngine.options.map((value) => ({ value, label: text.engines[value] }))}
          onChange={(event) => changeSite({ engine: neededEngine.parse(event.currentTarget.value) })}
        />
        <NumberInput
          label={text.users}
          min={1}
          max={100_000}
          allowDecimal={false}
          value={site.users}
          onChange={(value) => changeSite({ users: typeof value === 'number' ? value : '' })}
        />
      </Group>
      <FeatureChips />
      <Group gap={12}>
        <Button
          variant="default"
          disabled={!mayWrite || working.isRunning || draft.gitlab.trim() === ''}
          onClick={() => void workOut()}
        >
          {text.workOut}
        </Button>
        <Text className="sl-quiet">{draft.gitlab.trim() === '' ? text.mustVersion : text.workOutHow}</Text>
      </Group>
      {isOwn && working.isRunning && working.job && <JobProgress job={working.job} />}
      {isOwn && working.error && <ErrorPanel error={working.error} />}
      {isOwn && working.job?.state === 'succeeded' && working.result && <Proposal needs={working.result} />}
    </Stack>
  );
}

function FeatureChips() {
  const { features } = usePack().site;
  const names = Object.keys(featureNames) as (keyof typeof featureNames)[];
  return (
    <Chip.Group
      multiple
      value={features}
      onChange={(values) => changeSite({ features: names.filter((one) => values.includes(one)) })}
    >
      <Group gap={8} role="group" aria-label={text.features}>
        {names.map((one) => (
          <Chip key={one} value={one} variant="outline">
            {settingsText.features[featureNames[one]]}
          </Chip>
        ))}
      </Group>
    </Chip.Group>
  );
}

/** What was worked out: each entry with its reasons, size and licence, then what people must add. */
function Proposal({ needs }: { needs: OutputOf<(typeof contract)['bundle']['needs']> }) {
  const { contents, notes, lacks, byHand, spec } = needs;
  return (
    <Stack gap={8} role="status">
      <ul className="sl-parts">
        {contents.map((one) => (
          <li key={one.name}>
            <Text fw={600}>{one.title}</Text>
            <Text size="sm">
              {one.bytes === null ? text.sizeUnknown : bytesText(one.bytes)} · {one.licence ?? text.licenceUnknown}
            </Text>
            <Text size="sm" className="sl-mono">
              {one.name}
            </Text>
            <Text size="sm" className="sl-quiet">
              {one.why.join(' ')}
            </Text>
          </li>
        ))}
      </ul>
      {[...notes, ...lacks, ...byHand.map(text.byHand)].map((line) => (
        <Text key={line} size="sm" className="sl-look">
          ▲ {line}
        </Text>
      ))}
      <Group>
        <Button variant="default" onClick={() => takeWorkedOut(spec)}>
          {text.takeAll(contents.length)}
        </Button>
      </Group>
    </Stack>
  );
}
