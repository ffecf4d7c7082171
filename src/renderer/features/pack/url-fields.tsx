import { Button, Group, TextInput } from '@mantine/core';
import { packText } from '../../text/pack.ts';
import type { Entry, UrlFields as Fields } from './pack-draft.ts';
import { changeEntry } from './pack-store.ts';

const text = packText.urls;

/** Of a file set: the files that are fetched from an address while packing. */
export function UrlFields({ entry, problem }: { entry: Entry; problem(field: string): string | undefined }) {
  const { id, urls } = entry;
  const set = (at: number, part: Partial<Fields>) =>
    changeEntry(id, { urls: urls.map((one, index) => (index === at ? { ...one, ...part } : one)) });
  return (
    <>
      {urls.map(({ url, sha256 }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the fields have no other identity
        <Group key={at} gap={12} align="flex-end">
          <TextInput
            label={text.url(at)}
            description={url === '' ? text.urlHow : text.fetched(url)}
            value={url}
            maxLength={2000}
            error={problem(`urls.${at}.url`)}
            className="sl-field"
            onChange={(event) => set(at, { url: event.currentTarget.value })}
          />
          <TextInput
            label={text.sha256(at)}
            description={text.sha256How}
            value={sha256}
            maxLength={64}
            error={problem(`urls.${at}.sha256`)}
            className="sl-field"
            onChange={(event) => set(at, { sha256: event.currentTarget.value })}
          />
          <Button
            variant="subtle"
            aria-label={text.remove(at)}
            onClick={() => changeEntry(id, { urls: urls.filter((_other, index) => index !== at) })}
          >
            {packText.remove}
          </Button>
        </Group>
      ))}
      <div>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => changeEntry(id, { urls: [...urls, { url: '', sha256: '' }] })}
        >
          {text.add}
        </Button>
      </div>
    </>
  );
}
