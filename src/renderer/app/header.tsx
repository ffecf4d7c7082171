import { ActionIcon, Group, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import signUrl from '../../../resources/desktop/sealift.svg';
import { JobPill } from '../features/jobs/job-pill.tsx';
import { useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';
import { IconHelp, IconMoon, IconSun } from '../ui/icons.ts';
import { TrustBadge } from '../ui/trust-badge.tsx';
import { SiteSwitch } from './site-switch.tsx';

/** Shows product, site, trust marks, running jobs, help and colour scheme. Not a `header` element: dialogs bring their own, and a page may have only one. */
export function Header({ onHelp }: { onHelp(): void }) {
  const state = useWizard((wizard) => wizard.state);
  return (
    <section className="sl-head" aria-label={appText.product}>
      <div className="sl-brand">
        <img src={signUrl} alt="" />
        {appText.product}
      </div>
      <SiteSwitch />
      <Group gap={8} className="sl-head-marks">
        {state?.site?.content && <TrustBadge mark={state.network} />}
        {state?.isSimulated && <TrustBadge mark="simulated" />}
      </Group>
      <Group gap={8} wrap="nowrap" ml="auto" className="sl-head-end">
        <JobPill />
        <ActionIcon variant="subtle" title={appText.help} aria-label={appText.help} onClick={onHelp}>
          <IconHelp size={18} />
        </ActionIcon>
        <ColourSwitch />
      </Group>
    </section>
  );
}

function ColourSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const label = isDark ? appText.light : appText.dark;
  const Icon = isDark ? IconSun : IconMoon;
  return (
    <ActionIcon
      variant="subtle"
      title={label}
      aria-label={label}
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      <Icon size={18} />
    </ActionIcon>
  );
}
