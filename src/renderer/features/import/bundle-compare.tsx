import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { timeText } from '../../../shared/time-text.ts';
import { core } from '../../state/core.ts';
import { latestOnly } from '../../state/latest-only.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { importText } from '../../text/import.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { PathField } from '../../ui/path-field.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { WideTable } from '../../ui/wide-table.tsx';

const text = importText.compareWith;
const marks = { added: 'todo', changed: 'look', same: 'done', removed: 'look' } as const;

type Difference = OutputOf<(typeof contract)['bundle']['diff']>;

/** Compares the bundle on the media with an earlier one, or with an inventory of what a site has. */
export function BundleCompare({ after }: { after: string }) {
  const [before, setBefore] = useState('');
  const [seen, setSeen] = useState<{ difference?: Difference; error?: ShownError }>({});
  const [begin] = useState(latestOnly);
  const compare = async () => {
    const isLast = begin();
    const show = (next: typeof seen) => isLast() && setSeen(next);
    try {
      show({ difference: await core().bundle.diff({ before: before.trim(), after }) });
    } catch (error) {
      show({ error: toShownError(error) });
    }
  };
  return (
    <details>
      <summary>
        <b>{text.title}</b> <span className="sl-quiet">{text.about}</span>
      </summary>
      <Stack gap={12} pt={12}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void compare();
          }}
        >
          <Group gap={8} align="flex-end">
            <PathField
              label={text.before}
              description={text.beforeHow}
              value={before}
              onChange={setBefore}
              pick="either"
            />
            <Button type="submit" variant="default" disabled={before.trim() === ''}>
              {text.compare}
            </Button>
          </Group>
        </form>
        {seen.error && <ErrorPanel error={seen.error} />}
        {seen.difference && <Differences difference={seen.difference} />}
      </Stack>
    </details>
  );
}

function Differences({ difference }: { difference: Difference }) {
  const { before, contents, carryBytes } = difference;
  const since = text.since(before.name ?? text.inventory, timeText(before.created), bytesText(carryBytes));
  return (
    <div>
      <Text role="status">{since}</Text>
      <WideTable label={text.title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={140}>{text.columns.change}</Table.Th>
            <Table.Th>{importText.name}</Table.Th>
            <Table.Th ta="right">{importText.size}</Table.Th>
            <Table.Th ta="right">{text.columns.carry}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {contents.map((one) => (
            <Table.Tr key={one.kind + one.name}>
              <Table.Td>
                <StateMark status={marks[one.change]} wordless /> {text.change[one.change]}
              </Table.Td>
              <Table.Td maw={320} className="sl-break">
                <bdi>{one.name}</bdi>
                <Text size="xs" className="sl-quiet">
                  {importText.kinds[one.kind]}
                </Text>
              </Table.Td>
              <Table.Td ta="right" className="sl-figure">
                {one.before && `${bytesText(one.before.totalBytes)} → `}
                {bytesText(one.totalBytes)}
              </Table.Td>
              <Table.Td ta="right" className="sl-figure">
                {bytesText(one.carryBytes)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}
