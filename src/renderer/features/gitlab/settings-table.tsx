import { Table, Text, Title } from '@mantine/core';
import type { GitlabResult, SettingState } from '../../../shared/contract/gitlab.ts';
import { settingLabel, settingValue } from '../../../shared/setting-label.ts';
import { timeText } from '../../../shared/time-text.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { settingsText } from '../../text/settings.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { WholeWords } from '../../ui/whole-words.tsx';
import { WideTable } from '../../ui/wide-table.tsx';

const mark = { set: 'done', kept: 'done', differs: 'look' } as const;

/** Lists each setting before and after, as GitLab reported it. */
export function SettingsTable({ result }: { result: GitlabResult }) {
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
                <StateMark status={mark[one.state]} wordless /> {settingsText.states[one.state]}
              </Table.Td>
              <Table.Td className="sl-break" title={one.setting}>
                <WholeWords text={settingLabel(one.setting, settingsText)} />
              </Table.Td>
              {[one.before, one.after, one.wanted].map((value, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: one cell for each column
                <Table.Td key={index} className="sl-break">
                  <SettingValue setting={one.setting} value={value} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}

/** The value of a setting, in words. */
export function SettingValue({ setting, value }: { setting: string; value: string | null }) {
  if (value === null) return <span className="sl-quiet">{text.notSet}</span>;
  return <WholeWords text={settingValue(setting, value, settingsText)} />;
}
