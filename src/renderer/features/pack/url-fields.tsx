import { TextInput } from '@mantine/core';
import { packText } from '../../text/pack.ts';
import { ListedFields } from './listed-fields.tsx';
import type { Entry } from './pack-draft.ts';
import { changeEntry } from './pack-store.ts';

const text = packText.urls;

/** Of a file set: the files that are fetched from an address while packing. */
export function UrlFields({ entry, problem }: { entry: Entry; problem(field: string): string | undefined }) {
  return (
    <ListedFields
      list={entry.urls}
      empty={{ url: '', sha256: '' }}
      words={text}
      onChange={(urls) => changeEntry(entry.id, { urls })}
    >
      {({ url, sha256 }, at, set) => (
        <>
          <TextInput
            label={text.url(at)}
            description={url === '' ? text.urlHow : text.fetched(url)}
            value={url}
            maxLength={2000}
            error={problem(`urls.${at}.url`)}
            className="sl-field"
            onChange={(event) => set({ url: event.currentTarget.value })}
          />
          <TextInput
            label={text.sha256(at)}
            description={text.sha256How}
            value={sha256}
            maxLength={64}
            error={problem(`urls.${at}.sha256`)}
            className="sl-field"
            onChange={(event) => set({ sha256: event.currentTarget.value })}
          />
        </>
      )}
    </ListedFields>
  );
}
