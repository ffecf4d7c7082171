import { SimpleGrid, Text } from '@mantine/core';
import { Suspense, useEffect } from 'react';
import { appText } from '../../text/app.ts';
import { homeText as text } from '../../text/home.ts';
import { CommandsAbout } from '../../ui/commands-about.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { IconPackage, IconPlay, IconServer } from '../../ui/icons.ts';
import { lazyPart } from '../../ui/lazy-part.ts';
import { Screen } from '../../ui/screen.tsx';
import { useOnce } from '../../ui/use-once.ts';
import { followSites, useHome } from './home-store.ts';
import './home.css';

// A machine without a site does not need it.
const SiteBoard = lazyPart(() => import('./site-board.tsx'));
const RemovalDialog = lazyPart(() => import('./removal-dialog.tsx'));
const PartLog = lazyPart(() => import('./part-log.tsx'));

/** Shows three ways to start while there is no site, then a board for each site. */
export default function HomeScreen() {
  useEffect(followSites, []);
  const { sites, error, refused, removal, log } = useHome();
  const hasLog = useOnce(log !== undefined);
  const isFirst = sites?.sites.length === 0;
  return (
    <Screen title={text.title} lead={isFirst ? text.firstLead : text.lead}>
      {error && <ErrorPanel error={error} />}
      {refused && <ErrorPanel error={refused} />}
      {!sites && !error && <Text>{appText.loading}</Text>}
      {isFirst && <Doors />}
      <Suspense fallback={<Text>{appText.loading}</Text>}>
        {sites?.sites.map((site) => (
          <CommandsAbout key={site.name} site={site.name}>
            <SiteBoard site={site} all={sites} />
          </CommandsAbout>
        ))}
      </Suspense>
      <Suspense>
        {removal && <RemovalDialog />}
        {hasLog && <PartLog />}
      </Suspense>
    </Screen>
  );
}

const doorIcons = { readiness: IconServer, pack: IconPackage, rehearse: IconPlay };

function Doors() {
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      {text.doors.map(([place, title, lead]) => {
        const Icon = doorIcons[place];
        return (
          <a key={place} className="sl-door" href={`#/${place}`}>
            <Icon size={22} />
            <strong>{title}</strong>
            <Text className="sl-quiet">{lead}</Text>
          </a>
        );
      })}
    </SimpleGrid>
  );
}
