import { Button, Stack, Text } from '@mantine/core';
import type { Remedy } from '../../shared/errors/define.ts';
import { CommandLine } from './command-line.tsx';
import { useRunnable } from './commands-about.tsx';

/** What a screen can do itself in place of a remedy's command: the first entry whose pattern fits becomes a button. */
export interface RemedyAction {
  fits: RegExp;
  label?: string;
  act(): void;
}

/** Ways out: buttons for what this screen can do, commands to copy and steps to follow for the rest. */
export function Remedies({
  remedies,
  actions = [],
}: {
  remedies: readonly Remedy[];
  actions?: readonly RemedyAction[];
}) {
  return (
    <Stack gap={8}>
      {remedies.map((remedy) => (
        <OneRemedy key={JSON.stringify(remedy)} remedy={remedy} actions={actions} />
      ))}
    </Stack>
  );
}

function OneRemedy({ remedy, actions }: { remedy: Remedy; actions: readonly RemedyAction[] }) {
  if (remedy.kind === 'steps') return <Steps steps={remedy.steps} />;
  const action = actions.find((one) => one.fits.test(remedy.command));
  if (action)
    return (
      <div>
        <Button variant="default" size="compact-sm" onClick={action.act}>
          {action.label ?? remedy.label}
        </Button>
      </div>
    );
  return (
    <div>
      <Text>{remedy.label}:</Text>
      <CommandLine command={remedy.command} />
    </div>
  );
}

function Steps({ steps }: { steps: readonly string[] }) {
  const runnable = useRunnable();
  if (steps.length === 1) return <Text>{runnable(steps[0] ?? '')}</Text>;
  return (
    <ol className="sl-list">
      {steps.map((step) => (
        <li key={step}>{runnable(step)}</li>
      ))}
    </ol>
  );
}
