import { Button, Group, Stack, Text } from '@mantine/core';
import { measuredText } from '../../../shared/measured-words.ts';
import { homeText as text } from '../../text/home.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';
import { readLog, type Sites } from './home-store.ts';

const mark = { starting: 'working', running: 'done', restarting: 'look', failed: 'blocked', stopped: 'todo' } as const;

/** The parts of a site: what runs where, and what it measures of itself. */
export function PartsTable({ parts }: { parts: Sites['parts'] }) {
  return (
    <ul className="sl-parts" aria-label={text.parts}>
      {parts.map((part) => (
        <li key={part.name}>
          <Group justify="space-between" wrap="nowrap" align="start">
            <Stack gap={0}>
              <Text>
                <StateMark status={mark[part.state]} wordless /> <strong>{part.name}</strong>{' '}
                {text.partState[part.state]} {part.simulated && <TrustBadge mark="simulated" />}
              </Text>
              <Text size="xs" className="sl-quiet">
                {[
                  part.version,
                  part.host && `${part.host}:${part.port}`,
                  part.restarts > 0 && text.restarts(part.restarts),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </Text>
              <Text size="xs">{Object.entries(part.measured).map(measuredText).join(' · ')}</Text>
              {part.error && <Text className="sl-bad">{part.error}</Text>}
            </Stack>
            <Button
              size="compact-xs"
              variant="subtle"
              className="sl-whole"
              aria-label={text.logOf(part.name)}
              onClick={() => void readLog(part.site, part.name)}
            >
              {text.logs}
            </Button>
          </Group>
        </li>
      ))}
    </ul>
  );
}
