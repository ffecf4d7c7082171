import { Button, Checkbox, Group, Stack, Title } from '@mantine/core';
import { packText as text } from '../../text/pack.ts';
import { PathField } from '../../ui/path-field.tsx';
import { usePack } from './pack-store.ts';

/** Asks for the folders to write to, one per medium. */
export function TargetsPart() {
  const { targets, base, overwrite, plainFolders } = usePack();
  const set = (next: string[]) => usePack.setState({ targets: next });
  return (
    <section aria-labelledby="pack-targets" className="sl-no-print">
      <Stack gap={12}>
        <Title order={2} id="pack-targets">
          {text.targets}
        </Title>
        {targets.map((target, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a medium is identified by its place in the order
          <Group key={at} gap={8} align="flex-end">
            <PathField
              label={text.target(at)}
              value={target}
              pick="folder"
              atMedia
              onChange={(path) => set(targets.map((one, index) => (index === at ? path : one)))}
            />
            {targets.length > 1 && (
              <Button
                variant="subtle"
                aria-label={text.removeWhat(text.target(at))}
                onClick={() => set(targets.filter((_, index) => index !== at))}
              >
                {text.remove}
              </Button>
            )}
          </Group>
        ))}
        <div>
          <Button variant="default" onClick={() => set([...targets, ''])}>
            {text.addTarget}
          </Button>
        </div>
        <PathField
          label={text.base}
          description={text.baseHow}
          value={base}
          pick="either"
          atMedia
          onChange={(path) => usePack.setState({ base: path })}
        />
        <Checkbox
          label={text.overwrite}
          checked={overwrite}
          onChange={(event) => usePack.setState({ overwrite: event.currentTarget.checked })}
        />
        <Checkbox
          label={text.plainFolders}
          checked={plainFolders}
          onChange={(event) => usePack.setState({ plainFolders: event.currentTarget.checked })}
        />
      </Stack>
    </section>
  );
}
