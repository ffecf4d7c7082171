import { Group, TextInput } from '@mantine/core';
import { packText } from '../../text/pack.ts';
import { PathField } from '../../ui/path-field.tsx';
import type { Entry } from './pack-draft.ts';
import { changeEntry } from './pack-store.ts';

const text = packText.debian;

/** Of a file set with packages: those that are fetched from a Debian or Ubuntu repository while packing. */
export function DebianPackagesFields({ entry, problem }: { entry: Entry; problem(field: string): string | undefined }) {
  const { id, debian } = entry;
  const set = (part: Partial<Entry['debian']>) => changeEntry(id, { debian: { ...debian, ...part } });
  const input = (name: 'packages' | 'address' | 'suites', how: string, error: string | undefined) => (
    <TextInput
      label={text[name]}
      description={how}
      value={debian[name]}
      maxLength={2000}
      error={error}
      className="sl-field"
      onChange={(event) => set({ [name]: event.currentTarget.value })}
    />
  );
  const first = 'debian.sources.0';
  return (
    <>
      {input('packages', text.packagesHow, problem('debian.packages'))}
      {debian.packages.trim() !== '' && (
        <>
          <Group gap={12} align="flex-start">
            {input('address', text.addressHow, problem(`${first}.address`))}
            {input('suites', text.suitesHow, problem(`${first}.suites`))}
          </Group>
          <PathField
            label={text.keyring}
            description={text.keyringHow}
            value={debian.keyring}
            onChange={(keyring) => set({ keyring })}
            pick="file"
            error={problem(`${first}.keyring`)}
          />
        </>
      )}
    </>
  );
}
