import { Table, Text, Title } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import { importText as text } from '../../text/import.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { WideTable } from '../../ui/wide-table.tsx';

type Content = ImportPlan['contents'][number];

/** Lists the contents of the bundle: what is imported, which medium has the rest, and where it goes. */
export function ContentsTable({ plan }: { plan: ImportPlan }) {
  return (
    <div>
      <Title order={2}>{text.contents}</Title>
      {!plan.isHeadSeen && <Text className="sl-look">▲ {text.noHead}</Text>}
      <WideTable label={text.contents}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.name}</Table.Th>
            <Table.Th>{text.kind}</Table.Th>
            <Table.Th ta="right">{text.size}</Table.Th>
            <Table.Th>{text.where}</Table.Th>
            <Table.Th>{text.target}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {plan.contents.map((one) => (
            <Table.Tr key={one.kind + one.name}>
              <Table.Td maw={280} className="sl-break">
                <bdi>{one.name}</bdi>
                {one.licence && (
                  <Text size="xs" className="sl-quiet">
                    {text.licence}: <bdi>{one.licence}</bdi>
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{text.kinds[one.kind]}</Table.Td>
              <Table.Td ta="right" className="sl-figure">
                {bytesText(one.totalBytes)}
              </Table.Td>
              <Table.Td>
                <Where content={one} />
              </Table.Td>
              <Table.Td maw={260} className="sl-break">
                {one.leftOut ?? <span className="sl-mono">{one.target}</span>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}

function Where({ content }: { content: Content }) {
  const { hereBytes, totalBytes, ordinals, ordinalCount, leftOut } = content;
  if (leftOut)
    return (
      <span>
        <StateMark status="look" wordless /> {text.leftOut}
      </span>
    );
  if (hereBytes >= totalBytes)
    return (
      <span>
        <StateMark status="done" wordless /> {text.here}
      </span>
    );
  return (
    <span>
      <StateMark status={hereBytes > 0 ? 'working' : 'todo'} wordless />{' '}
      {ordinals.length > 0 ? text.from(ordinals, ordinalCount) : text.fromUnknown}
      {hereBytes > 0 && `, ${text.partlyHere(bytesText(hereBytes))}`}
    </span>
  );
}
