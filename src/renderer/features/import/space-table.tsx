import { Table, Title } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import { importText as text } from '../../text/import.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { WideTable } from '../../ui/wide-table.tsx';

/** Lists needed, free and remaining space by filesystem. */
export function SpaceTable({ filesystems }: { filesystems: ImportPlan['filesystems'] }) {
  return (
    <div>
      <Title order={2}>{text.spaceTitle}</Title>
      <WideTable label={text.spaceTitle}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.filesystem}</Table.Th>
            <Table.Th ta="right">{text.needs}</Table.Th>
            <Table.Th ta="right">{text.has}</Table.Th>
            <Table.Th ta="right">{text.after}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {filesystems.map(({ path, uses, neededBytes, freeBytes }) => (
            <Table.Tr key={path}>
              <Table.Td className="sl-break">
                {uses.map((use) => text.uses[use]).join(', ')}: <span className="sl-mono">{path}</span>
              </Table.Td>
              <Table.Td ta="right" className="sl-figure">
                {uses.includes('engine') && `${text.atMost} `}
                {bytesText(neededBytes)}
              </Table.Td>
              <Table.Td ta="right" className="sl-figure">
                {bytesText(freeBytes)}
              </Table.Td>
              <Table.Td ta="right" className="sl-figure">
                {neededBytes <= freeBytes ? (
                  <>
                    <StateMark status="done" wordless /> {bytesText(freeBytes - neededBytes)}
                  </>
                ) : (
                  <>
                    <StateMark status="blocked" wordless /> {text.tooLittle(bytesText(neededBytes - freeBytes))}
                  </>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}
