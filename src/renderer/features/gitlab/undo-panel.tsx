import { Button, Group, Table, Text, Title } from '@mantine/core';
import type { GitlabUndone } from '../../../shared/contract/gitlab.ts';
import { settingLabel } from '../../../shared/setting-label.ts';
import { timeText } from '../../../shared/time-text.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { settingsText } from '../../text/settings.ts';
import { ComeIntoView } from '../../ui/come-into-view.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { WholeWords } from '../../ui/whole-words.tsx';
import { WideTable } from '../../ui/wide-table.tsx';
import { SettingValue } from './settings-table.tsx';

const mark = { open: 'todo', 'put-back': 'done', 'as-before': 'done', left: 'look', 'by-hand': 'look' } as const;

/** Shows what undo would put back in GitLab with a button that does it, or what it put back and read back. */
export function UndoPanel({ undone, undo }: { undone: GitlabUndone; undo: (() => void) | undefined }) {
  const { planned, rows, gitlabUrl, at } = undone;
  const open = rows.filter(({ state }) => state === 'open').length;
  const title = planned ? text.undo.plan : text.undo.done;
  return (
    <ComeIntoView isWanted>
      <div>
        <Title order={2}>{title}</Title>
        <Text size="xs" className="sl-quiet">
          {gitlabUrl} · {timeText(at)}
        </Text>
        {rows.length === 0 ? <Text>{text.undo.nothing}</Text> : <Rows title={title} rows={rows} />}
        {planned && open > 0 && (
          <Group mt={8}>
            <Button variant="default" disabled={!undo} onClick={undo}>
              {text.undo.confirm(open)}
            </Button>
          </Group>
        )}
      </div>
    </ComeIntoView>
  );
}

function Rows({ title, rows }: { title: string; rows: GitlabUndone['rows'] }) {
  return (
    <WideTable label={title}>
      <Table.Thead>
        <Table.Tr>
          {Object.values(text.undo.columns).map((name) => (
            <Table.Th key={name}>{name}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ setting, before, now, state, why, byHand }) => (
          <Table.Tr key={setting}>
            <Table.Td className="sl-figure">
              <StateMark status={mark[state]} wordless /> {text.undo.state[state]}
            </Table.Td>
            <Table.Td className="sl-break" title={setting}>
              <WholeWords text={settingLabel(setting, settingsText)} />
              {[why, byHand].map(
                (line) =>
                  line && (
                    <Text key={line} size="xs" className="sl-quiet">
                      {line}
                    </Text>
                  ),
              )}
            </Table.Td>
            <Table.Td className="sl-break">
              <SettingValue setting={setting} value={before} />
            </Table.Td>
            <Table.Td className="sl-break">
              <SettingValue setting={setting} value={now} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
