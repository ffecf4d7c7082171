import { Checkbox, Fieldset, SegmentedControl, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import { useMayWrite } from '../../state/hello.ts';
import { useMedia } from '../../state/media.ts';
import { pushText as text } from '../../text/push.ts';
import { AddFolder } from '../../ui/add-folder.tsx';
import { PathField } from '../../ui/path-field.tsx';
import { usePush } from './push-store.ts';

/** Where to push, and what. */
export function PushForm({ isIdle }: { isIdle: boolean }) {
  const { target, ca, tokenHost, isFromMedia } = usePush();
  return (
    <>
      <Fieldset legend={text.where} disabled={!isIdle}>
        <Stack gap={12}>
          <TextInput
            label={text.target}
            description={text.targetHow}
            value={target}
            maxLength={300}
            spellCheck={false}
            autoComplete="off"
            placeholder="registry.example/duo"
            onChange={(event) => usePush.setState({ target: event.currentTarget.value })}
          />
          <details>
            <summary>
              <b>{text.more}</b> <span className="sl-quiet">{text.moreHow}</span>
            </summary>
            <SimpleGrid cols={{ base: 1, sm: 2 }} pt={12}>
              <PathField label={text.ca} value={ca} pick="file" onChange={(path) => usePush.setState({ ca: path })} />
              <TextInput
                label={text.tokenHost}
                description={text.tokenHostHow}
                value={tokenHost}
                maxLength={300}
                onChange={(event) => usePush.setState({ tokenHost: event.currentTarget.value })}
              />
            </SimpleGrid>
          </details>
        </Stack>
      </Fieldset>
      <Fieldset legend={text.what} disabled={!isIdle}>
        <SegmentedControl
          aria-label={text.what}
          value={isFromMedia ? 'media' : 'store'}
          disabled={!isIdle}
          data={[
            { value: 'store', label: text.fromStore },
            { value: 'media', label: text.fromMedia },
          ]}
          onChange={(value) => usePush.setState({ isFromMedia: value === 'media' })}
        />
        {isFromMedia && <MediaChoice />}
      </Fieldset>
    </>
  );
}

function MediaChoice() {
  const carriers = useMedia((media) => media.carriers) ?? [];
  const dirs = usePush((state) => state.dirs);
  const mayWrite = useMayWrite();
  const choose = (path: string, isWanted: boolean) => {
    const others = dirs.filter((one) => one !== path);
    // A reason for media without a trusted key is about the media it was given for.
    usePush.setState({ dirs: isWanted ? [...others, path] : others, overrideReason: undefined });
  };
  return (
    <Stack gap={8} pt={12}>
      {carriers.length === 0 && <Text className="sl-quiet">{text.noMedia}</Text>}
      {carriers.map(({ path, sizeBytes, problem }) => (
        <Checkbox
          key={path}
          checked={dirs.includes(path)}
          disabled={problem !== undefined}
          label={<bdi className="sl-mono sl-break">{path}</bdi>}
          description={problem ?? text.space(bytesText(sizeBytes))}
          onChange={(event) => choose(path, event.currentTarget.checked)}
        />
      ))}
      <AddFolder mayWrite={mayWrite} />
    </Stack>
  );
}
