import { Table, Text, Title } from '@mantine/core';
import type { GitlabResult, SettingState } from '../../../shared/contract/gitlab.ts';
import { settingLabel } from '../../../shared/setting-label.ts';
import { timeText } from '../../../shared/time-text.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { WideTable } from '../../ui/wide-table.tsx';

const mark = { set: 'done', kept: 'done', differs: 'look' } as const;

/** Lists each setting before and after, as GitLab reported it. */
export function SettingsTable({ result }: { result: GitlabResult }) {
  const value = (one: string | null) => (one === null ? <span className="sl-quiet">{text.notSet}</span> : one);
  return (
    <div>
      <Title order={2}>{text.result}</Title>
      <Text size="xs" className="sl-quiet">
        {result.gitlabUrl} · {timeText(result.at)}
      </Text>
      <WideTable label={text.result}>
        <Table.Thead>
          <Table.Tr>
            {Object.values(text.columns).map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {result.applied.map((one: SettingState) => (
            <Table.Tr key={one.setting}>
              <Table.Td className="sl-figure">
                <StateMark status={mark[one.state]} wordless /> {text.settingState[one.state]}
              </Table.Td>
              <Table.Td className="sl-break" title={one.setting}>
                {settingLabel(one.setting)}
              </Table.Td>
              <Table.Td className="sl-break">{value(one.before)}</Table.Td>
              <Table.Td className="sl-break">{value(one.after)}</Table.Td>
              <Table.Td className="sl-break">{one.wanted}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}
