import { Group, NativeSelect, TextInput } from '@mantine/core';
import { type PackageUse, packageUse, packageUseNames } from '../../../shared/carried-packages.ts';
import { packText as text } from '../../text/pack.ts';
import type { Entry } from './pack-draft.ts';
import { changeEntry } from './pack-store.ts';

const uses = [
  { value: '', label: text.providesNothing },
  ...packageUse.options.map((value) => ({ value, label: packageUseNames[value] })),
];

/** Of a file set: what its packages install, and on which distribution. */
export function PackagesFields({ entry, problem }: { entry: Entry; problem(field: string): string | undefined }) {
  const { id, provides, system, version, architecture } = entry;
  return (
    <>
      <NativeSelect
        label={text.provides}
        description={text.providesHow}
        maw={360}
        value={provides}
        data={uses}
        onChange={(event) => changeEntry(id, { provides: event.currentTarget.value as PackageUse | '' })}
      />
      {provides !== '' && (
        <Group gap={12} align="flex-start">
          <TextInput
            label={text.system}
            description={text.systemHow}
            value={system}
            maxLength={31}
            error={problem('for.system')}
            onChange={(event) => changeEntry(id, { system: event.currentTarget.value })}
          />
          <TextInput
            label={text.systemVersion}
            description={text.systemVersionHow}
            value={version}
            maxLength={31}
            error={problem('for.version')}
            onChange={(event) => changeEntry(id, { version: event.currentTarget.value })}
          />
          <NativeSelect
            label={text.architecture}
            description={'\u00a0'}
            value={architecture}
            data={['x64', 'arm64']}
            onChange={(event) => changeEntry(id, { architecture: event.currentTarget.value })}
          />
        </Group>
      )}
    </>
  );
}
