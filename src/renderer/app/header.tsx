import { ActionIcon, Group, Text, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { JobPill } from '../features/jobs/job-pill.tsx';
import { useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';
import { TrustBadge } from '../ui/trust-badge.tsx';

/** Shows product, site, trust marks, running jobs, help and colour scheme. Not a `header` element: dialogs bring their own, and a page may have only one. */
export function Header({ onHelp }: { onHelp(): void }) {
  const state = useWizard((wizard) => wizard.state);
  const name = state?.site?.content?.name;
  return (
    <section className="sl-head" aria-label={appText.product}>
      <Text fw={700} className="sl-figure">
        {appText.product}
      </Text>
      <Text className="sl-quiet" truncate>
        {name ? `${appText.site} ${name}` : appText.noSite}
      </Text>
      <Group gap={8} wrap="nowrap">
        {state && state.network !== 'not-known' && (
          <TrustBadge mark={state.network === 'outside' ? 'leaves' : 'airGapped'} />
        )}
        {state?.isSimulated && <TrustBadge mark="simulated" />}
      </Group>
      <Group gap={8} wrap="nowrap" ml="auto" className="sl-head-end">
        <JobPill />
        <Tooltip label={appText.help}>
          <ActionIcon variant="subtle" aria-label={appText.help} onClick={onHelp}>
            ?
          </ActionIcon>
        </Tooltip>
        <ColourSwitch />
      </Group>
    </section>
  );
}

function ColourSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const label = isDark ? appText.light : appText.dark;
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" aria-label={label} onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
        {isDark ? '☀' : '☾'}
      </ActionIcon>
    </Tooltip>
  );
}
