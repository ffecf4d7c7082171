import { Text } from '@mantine/core';
import { useMayWrite } from '../state/hello.ts';
import { switchSite, useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';

/** Names the site of the steps. Where there are several, a person chooses here which one the steps are about. */
export function SiteSwitch() {
  const state = useWizard((wizard) => wizard.state);
  const mayWrite = useMayWrite();
  const name = state?.site?.content?.name;
  const sites = state?.sites ?? [];
  if (sites.length < 2 || !mayWrite)
    return (
      <Text className={name ? undefined : 'sl-quiet'} truncate>
        {name ? `${appText.site} ${name}` : appText.noSite}
      </Text>
    );
  const isDeployed = name !== undefined && sites.includes(name);
  return (
    <select
      className="sl-site"
      aria-label={appText.whichSite}
      value={isDeployed ? name : ''}
      onChange={(event) => void switchSite(event.currentTarget.value)}
    >
      {!isDeployed && <option value="">{name ?? appText.noSite}</option>}
      {sites.map((site) => (
        <option key={site}>{site}</option>
      ))}
    </select>
  );
}
