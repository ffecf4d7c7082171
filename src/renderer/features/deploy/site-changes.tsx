import { Table, Title } from '@mantine/core';
import { deployText as text } from '../../text/deploy.ts';
import { WideTable } from '../../ui/wide-table.tsx';
import type { Plan } from './deploy-store.ts';

/** Shows what the site file changes of the deployed one, before and after. Shows nothing where there is nothing to compare. */
export function SiteChanges({ changes }: { changes: Plan['changes'] }) {
  if (changes === undefined || changes.length === 0) return null;
  return (
    <div>
      <Title order={2}>{text.changes.title}</Title>
      <WideTable label={text.changes.title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{text.changes.field}</Table.Th>
            <Table.Th scope="col">{text.changes.before}</Table.Th>
            <Table.Th scope="col">{text.changes.after}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map(({ field, before, after }) => (
            <Table.Tr key={field}>
              <Table.Th scope="row" className="sl-mono">
                {field}
              </Table.Th>
              <Table.Td maw={320} className="sl-break">
                <bdi>{before ?? text.changes.notSet}</bdi>
              </Table.Td>
              <Table.Td maw={320} className="sl-break">
                <bdi>{after ?? text.changes.notSet}</bdi>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}
