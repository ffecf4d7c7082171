import { Button, Checkbox, Group, Stack, Title } from '@mantine/core';
import { packText as text } from '../../text/pack.ts';
import { PathField } from '../../ui/path-field.tsx';
import { usePack } from './pack-store.ts';

/** The folders to write to, one a stick. */
export function SticksPart() {
  const { targets, overwrite } = usePack();
  const set = (next: string[]) => usePack.setState({ targets: next });
  return (
    <section aria-labelledby="pack-sticks" className="sl-no-print">
      <Stack gap={12}>
        <Title order={2} id="pack-sticks">
          {text.sticks}
        </Title>
        {targets.map((target, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a stick is its place in the order
          <Group key={at} gap={8} align="flex-end">
            <PathField
              label={text.stick(at)}
              value={target}
              pick="folder"
              onChange={(path) => set(targets.map((one, index) => (index === at ? path : one)))}
            />
            {targets.length > 1 && (
              <Button
                variant="subtle"
                aria-label={text.removeWhat(text.stick(at))}
                onClick={() => set(targets.filter((_, index) => index !== at))}
              >
                {text.remove}
              </Button>
            )}
          </Group>
        ))}
        <div>
          <Button variant="default" onClick={() => set([...targets, ''])}>
            {text.addStick}
          </Button>
        </div>
        <Checkbox
          label={text.overwrite}
          checked={overwrite}
          onChange={(event) => usePack.setState({ overwrite: event.currentTarget.checked })}
        />
      </Stack>
    </section>
  );
}
