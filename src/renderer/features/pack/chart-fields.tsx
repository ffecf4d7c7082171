import { Button, Group, TextInput } from '@mantine/core';
import type { ChartSpec } from '../../../shared/fetched-files.ts';
import { packText } from '../../text/pack.ts';
import type { Entry } from './pack-draft.ts';
import { changeEntry } from './pack-store.ts';

const text = packText.charts;

/** Of a file set: the Helm charts that are fetched while packing. */
export function ChartFields({ entry, problem }: { entry: Entry; problem(field: string): string | undefined }) {
  const { id, charts } = entry;
  const set = (at: number, part: Partial<ChartSpec>) =>
    changeEntry(id, { charts: charts.map((one, index) => (index === at ? { ...one, ...part } : one)) });
  const field = (at: number, name: 'repository' | 'name' | 'version', label: string, description?: string) => (
    <TextInput
      label={label}
      description={description}
      value={charts[at]?.[name] ?? ''}
      maxLength={1000}
      error={problem(`charts.${at}.${name}`)}
      className={name === 'repository' ? 'sl-field' : ''}
      onChange={(event) => set(at, { [name]: event.currentTarget.value })}
    />
  );
  return (
    <>
      {charts.map((_one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the fields have no other identity
        <Group key={at} gap={12} align="flex-end">
          {field(at, 'repository', text.repository(at), text.repositoryHow)}
          {field(at, 'name', text.name(at))}
          {field(at, 'version', text.version(at))}
          <Button
            variant="subtle"
            aria-label={text.remove(at)}
            onClick={() => changeEntry(id, { charts: charts.filter((_other, index) => index !== at) })}
          >
            {packText.remove}
          </Button>
        </Group>
      ))}
      <div>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => changeEntry(id, { charts: [...charts, { repository: '', name: '', version: '' }] })}
        >
          {text.add}
        </Button>
      </div>
    </>
  );
}
