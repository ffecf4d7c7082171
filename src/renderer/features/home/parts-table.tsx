import { Button, Stack, Text } from '@mantine/core';
import { measuredFigures } from '../../../shared/measured-words.ts';
import { partMarks } from '../../../shared/part-health.ts';
import { homeText as text } from '../../text/home.ts';
import { statesText } from '../../text/states.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';
import { nameOfPart, ownVersion, readLog, type Sites } from './home-store.ts';

/** Lists the parts of a site: state, address, and what each reports about itself. */
export function PartsTable({ parts }: { parts: Sites['parts'] }) {
  return (
    <ul className="sl-parts" aria-label={text.parts}>
      {parts.map((part) => (
        <li key={part.name}>
          <div className="sl-part">
            <Stack gap={0}>
              <Text>
                <StateMark status={partMarks[part.state]} wordless /> <strong>{nameOfPart(part.name)}</strong>{' '}
                <span title={statesText.parts[part.state].meaning}>{statesText.parts[part.state].word}</span>{' '}
                {part.simulated && <TrustBadge mark="simulated" />}
              </Text>
              <Text size="xs" className="sl-quiet">
                {[
                  ownVersion(part),
                  part.host && `${part.host}:${part.port}`,
                  part.restarts > 0 && text.restarts(part.restarts),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </Text>
              {part.error && <Text className="sl-bad">{part.error}</Text>}
            </Stack>
            <Figures measured={part.measured} />
            <Button
              size="compact-xs"
              variant="subtle"
              className="sl-whole"
              aria-label={`${text.logs}: ${nameOfPart(part.name)}`}
              onClick={() => void readLog(part.site, part.name)}
            >
              {text.logs}
            </Button>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Figures({ measured }: Pick<Sites['parts'][number], 'measured'>) {
  return (
    <ul className="sl-figures">
      {measuredFigures(measured, statesText.measured).map(({ name, before, value, after }) => (
        <li key={name}>
          {before}
          <strong>{value}</strong>
          {after}
        </li>
      ))}
    </ul>
  );
}
