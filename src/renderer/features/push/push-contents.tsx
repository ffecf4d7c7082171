import { Table, Text, Title } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import { shortHex } from '../../../shared/digest.ts';
import { pushText as text } from '../../text/push.ts';
import { FindingList } from '../../ui/finding-card.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { WideTable } from '../../ui/wide-table.tsx';
import type { PushPlan } from './push-store.ts';

const marks = { present: 'done', absent: 'todo', incomplete: 'look' } as const;

/** Lists what the registry has and lacks, under the names that the contents get there. */
export function PushContents({ plan }: { plan: PushPlan }) {
  const { registry, login, sendBytes, presentBytes, contents, missing, findings } = plan;
  return (
    <div>
      <Title order={2}>{text.contents}</Title>
      <Text role="status">{text.planned(registry, bytesText(sendBytes), bytesText(presentBytes))}</Text>
      <Text className="sl-quiet">{text.login(login)}</Text>
      {missing.length > 0 && <Text className="sl-look">▲ {text.missing(missing.join(', '))}</Text>}
      <FindingList findings={findings} />
      <WideTable label={text.contents}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={170}>{text.columns.state}</Table.Th>
            <Table.Th>{text.columns.name}</Table.Th>
            <Table.Th>{text.columns.reference}</Table.Th>
            <Table.Th ta="right">{text.columns.size}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {contents.map((one) => (
            <Table.Tr key={one.kind + one.reference}>
              <Table.Td>
                <StateMark status={marks[one.state]} wordless /> {text.state[one.state]}
              </Table.Td>
              <Table.Td maw={240} className="sl-break">
                <bdi>{one.name}</bdi>
                <Text size="xs" className="sl-quiet">
                  {text.kinds[one.kind]}
                </Text>
              </Table.Td>
              <Table.Td maw={320} className="sl-break">
                <span className="sl-mono">{one.reference}</span>
                {one.replaces && (
                  <Text size="xs" className="sl-look">
                    ▲ {text.replaces(shortHex(one.replaces))}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right" className="sl-figure">
                {bytesText(one.totalBytes)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}
