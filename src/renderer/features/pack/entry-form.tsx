import { Button, Fieldset, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import type { ShownError } from '../../state/shown-error.ts';
import { packText as text } from '../../text/pack.ts';
import { PathField } from '../../ui/path-field.tsx';
import { ChartFields } from './chart-fields.tsx';
import { DebianPackagesFields } from './debian-fields.tsx';
import { keptText } from './kept-text.ts';
import { type Entry, nameOf } from './pack-draft.ts';
import { changeEntry, removeEntry } from './pack-store.ts';
import { PackagesFields } from './packages-fields.tsx';
import { RefusedModel } from './refused-model.tsx';
import { SignerFields } from './signer-fields.tsx';
import { UrlFields } from './url-fields.tsx';

interface Props {
  entry: Entry;
  index: number;
  problems: Readonly<Record<string, string>>;
  /** Why the last plan was refused. */
  refusal: ShownError | undefined;
}

type TextField = 'name' | 'reference' | 'platform' | 'licence' | 'repository' | 'quantisation' | 'tag' | 'mirror';

/** The form for one item of the bundle. */
export function EntryForm({ entry, index, problems, refusal }: Props) {
  const { id, kind } = entry;
  const problem = (field: string) => problemAt(problems, `contents.${index}.${field}`);
  const input = (field: TextField, label: string, description?: string) => (
    <TextInput
      label={label}
      description={description}
      value={entry[field]}
      maxLength={255}
      error={problem(field)}
      className="sl-field"
      onChange={(event) => changeEntry(id, { [field]: event.currentTarget.value })}
    />
  );
  const title = text.entry(text.kinds[kind], index);
  return (
    <Fieldset legend={title}>
      <Stack gap={12}>
        {kind === 'image' ? input('reference', text.reference) : input('name', text.name)}
        {kind === 'image' && <ImageSource entry={entry} problem={problem('path')} />}
        {kind === 'image' && entry.source === 'registry' && input('mirror', text.mirror, text.mirrorHow)}
        {kind === 'image' && entry.source !== 'engine' && <SignerFields entry={entry} problem={problem} />}
        {keptText(entry).map((line) => (
          <Text key={line}>{line}</Text>
        ))}
        {kind === 'model' && (
          <PathField
            label={text.modelPath}
            value={entry.path}
            onChange={(path) => changeEntry(id, { path })}
            pick="either"
            error={problem('path')}
          />
        )}
        {kind === 'model' && input('repository', text.repository, text.repositoryHow)}
        {kind === 'model' && entry.repository !== '' && input('quantisation', text.quantisation, text.quantisationHow)}
        {kind === 'model' && entry.repository === '' && input('tag', text.tag, text.tagHow)}
        {kind === 'model' && <RefusedModel entry={entry} problem={problem} refusal={refusal} />}
        {kind === 'files' && <FilePaths entry={entry} problem={problem} />}
        {kind === 'files' && <UrlFields entry={entry} problem={problem} />}
        {kind === 'files' && <ChartFields entry={entry} problem={problem} />}
        {kind === 'files' && <PackagesFields entry={entry} problem={problem} />}
        {kind === 'files' && entry.provides !== '' && <DebianPackagesFields entry={entry} problem={problem} />}
        <Group gap={12} align="flex-end">
          {input('licence', text.licence, text.licenceHow)}
          {kind === 'image' && input('platform', text.platform)}
          <Button variant="subtle" onClick={() => removeEntry(id)} aria-label={text.removeWhat(nameOf(entry) || title)}>
            {text.remove}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

/** A field with a list shows the first problem of its items. */
function problemAt(problems: Props['problems'], field: string): string | undefined {
  const inner = Object.keys(problems).find(
    (one) => one.startsWith(`${field}.`) && /^\d+$/.test(one.slice(field.length + 1)),
  );
  return problems[field] ?? problems[inner ?? ''];
}

function ImageSource({ entry, problem }: { entry: Entry; problem: string | undefined }) {
  const { id, source, path } = entry;
  return (
    <>
      <div>
        <Text size="sm" fw={500} id={`pack-source-${id}`}>
          {text.source}
        </Text>
        <SegmentedControl
          aria-labelledby={`pack-source-${id}`}
          value={source}
          onChange={(value) => changeEntry(id, { source: value as Entry['source'] })}
          data={[
            { value: 'path', label: text.sources.path },
            { value: 'engine', label: text.sources.engine },
            { value: 'registry', label: text.sources.registry },
          ]}
        />
      </div>
      {source === 'engine' && <Text className="sl-look">▲ {text.engineWhy}</Text>}
      {source === 'registry' && <Text>{text.registryWhy}</Text>}
      {source === 'path' && (
        <PathField
          label={text.imagePath}
          value={path}
          onChange={(value) => changeEntry(id, { path: value })}
          pick="either"
          error={problem}
        />
      )}
    </>
  );
}

function FilePaths({ entry, problem }: { entry: Entry; problem(field: string): string | undefined }) {
  const { id, paths } = entry;
  const set = (at: number, path: string) =>
    changeEntry(id, { paths: paths.map((one, index) => (index === at ? path : one)) });
  return (
    <>
      {paths.map((path, at) => (
        <PathField
          // biome-ignore lint/suspicious/noArrayIndexKey: the fields have no other identity, and are only added at the end
          key={at}
          label={text.filePath(at)}
          value={path}
          onChange={(value) => set(at, value)}
          pick="either"
          error={problem(`paths.${at}`) ?? (at === 0 ? problem('paths') : undefined)}
        />
      ))}
      <div>
        <Button size="compact-sm" variant="default" onClick={() => changeEntry(id, { paths: [...paths, ''] })}>
          {text.addPath}
        </Button>
      </div>
    </>
  );
}
