import { Group, NativeSelect, TextInput } from '@mantine/core';
import { packText } from '../../text/pack.ts';
import { PathField } from '../../ui/path-field.tsx';
import type { Entry, SignerFields as Fields } from './pack-draft.ts';
import { changeEntry } from './pack-store.ts';

const text = packText.signer;

/** Of an image from a path or its registry: who must have signed it with cosign. */
export function SignerFields({ entry, problem }: { entry: Entry; problem(field: string): string | undefined }) {
  const { id, signer } = entry;
  const { by } = signer;
  const set = (part: Partial<Fields>) => changeEntry(id, { signer: { ...signer, ...part } });
  const input = (name: 'identity' | 'issuer', how: string) => (
    <TextInput
      label={text[name]}
      description={how}
      value={signer[name]}
      maxLength={1000}
      error={problem(`verify.${name}`)}
      className="sl-field"
      onChange={(event) => set({ [name]: event.currentTarget.value })}
    />
  );
  const file = (name: 'cosignKey' | 'trustRoot', how: string) => (
    <PathField
      label={text[name]}
      description={how}
      value={signer[name]}
      onChange={(path) => set({ [name]: path })}
      pick="file"
      error={problem(`verify.${name}`)}
    />
  );
  return (
    <>
      <NativeSelect
        label={text.by}
        description={means(signer)}
        maw={360}
        value={by}
        data={(['', 'key', 'identity'] as const).map((value) => ({ value, label: text.ways[value || 'none'] }))}
        onChange={(event) => set({ by: event.currentTarget.value as Fields['by'] })}
      />
      {by === 'key' && file('cosignKey', text.cosignKeyHow)}
      {by === 'identity' && (
        <>
          <Group gap={12} align="flex-start">
            {input('identity', text.identityHow)}
            {input('issuer', text.issuerHow)}
          </Group>
          {file('trustRoot', text.trustRootHow)}
        </>
      )}
    </>
  );
}

function means({ by, cosignKey, identity, issuer }: Fields): string {
  if (by === 'key' && cosignKey !== '') return text.key(cosignKey);
  if (by === 'identity' && identity !== '' && issuer !== '') return text.keyless(identity, issuer);
  return by === '' ? text.unchecked : text.refused;
}
