import { Button, Stack, Text } from '@mantine/core';
import type { Remedy } from '../../shared/errors/define.ts';
import { useHello } from '../state/hello.ts';
import { useRoute } from '../state/route.ts';
import { coreLanguage } from '../text/language.ts';
import { remedyText as text } from '../text/remedies.ts';
import { CommandLine } from './command-line.tsx';
import { useRunnable } from './commands-about.tsx';
import { actionOf, hasNoField, inWindow, isRefusedHere, replacedHere } from './window-actions.ts';

/** An action of the screen that replaces a remedy's command. The first entry whose pattern matches becomes a button. */
export interface RemedyAction {
  fits: RegExp;
  label?: string;
  act(command: string): void;
}

/**
 * Lists remedies: a button where this screen or another does what the command would do, steps to follow, or a command to copy where a
 * terminal exists. A remedy that only a terminal's options can do is left out.
 */
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
  const hasTerminal = useHello((one) => one.hello?.commands !== undefined);
  const place = useRoute((one) => one.place);
  if (remedy.kind === 'steps') return <Steps steps={remedy.steps} />;
  const own = actions.find((one) => one.fits.test(remedy.command));
  if (!own && hasNoField(remedy.command)) return null;
  const act = own ? () => own.act(remedy.command) : actionOf(remedy.command, place);
  if (act)
    return (
      <div>
        <Button variant="default" size="compact-sm" onClick={act} lang={own?.label ? undefined : coreLanguage}>
          {own?.label ?? remedy.label}
        </Button>
      </div>
    );
  const here = replacedHere(remedy.command);
  if (here) return <Text>{text.here(remedy.label, here)}</Text>;
  if (!hasTerminal) return <Text>{text.needsTerminal(remedy.label)}</Text>;
  return (
    <div>
      <Text>{isRefusedHere(remedy.command) ? text.afterQuitting(remedy.label) : `${remedy.label}:`}</Text>
      <CommandLine command={remedy.command} />
    </div>
  );
}

/** Whether steps are alternatives, not a sequence. */
function isChoice(steps: readonly string[]): boolean {
  return steps.some((step) => /^Or\b/.test(step)) && !steps.some((step) => /^Then\b/.test(step));
}

function Steps({ steps }: { steps: readonly string[] }) {
  const runnable = useRunnable();
  const shown = (step: string) => runnable(inWindow(step));
  if (steps.length === 1) return <Text lang={coreLanguage}>{shown(steps[0] ?? '')}</Text>;
  const List = isChoice(steps) ? 'ul' : 'ol';
  return (
    <List className="sl-list" lang={coreLanguage}>
      {steps.map((step) => (
        <li key={step}>{shown(step)}</li>
      ))}
    </List>
  );
}
