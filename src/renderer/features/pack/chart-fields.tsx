import { TextInput } from '@mantine/core';
import { packText } from '../../text/pack.ts';
import { ListedFields } from './listed-fields.tsx';
import type { Entry } from './pack-draft.ts';
import { changeEntry } from './pack-store.ts';

const text = packText.charts;

/** Of a file set: the Helm charts that are fetched while packing. */
export function ChartFields({ entry, problem }: { entry: Entry; problem(field: string): string | undefined }) {
  return (
    <ListedFields
      list={entry.charts}
      empty={{ repository: '', name: '', version: '' }}
      words={text}
      onChange={(charts) => changeEntry(entry.id, { charts })}
    >
      {(chart, at, set) =>
        (['repository', 'name', 'version'] as const).map((name) => (
          <TextInput
            key={name}
            label={text[name](at)}
            description={name === 'repository' && text.repositoryHow}
            value={chart[name]}
            maxLength={1000}
            error={problem(`charts.${at}.${name}`)}
            className={name === 'repository' ? 'sl-field' : ''}
            onChange={(event) => set({ [name]: event.currentTarget.value })}
          />
        ))
      }
    </ListedFields>
  );
}
