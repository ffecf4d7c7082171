import { Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useEffect } from 'react';
import { JobDrawer } from '../features/jobs/job-drawer.tsx';
import { useConnection } from '../state/core.ts';
import { useHello } from '../state/hello.ts';
import { type Place, useRoute } from '../state/route.ts';
import { useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';
import { ErrorPanel } from '../ui/error-panel.tsx';
import { Header } from './header.tsx';
import { KeysList } from './keys-list.tsx';
import { Rail } from './rail.tsx';
import { ScreenBoundary } from './screen-boundary.tsx';
import { preloadScreens, screens } from './screens.ts';
import { SignIn } from './sign-in.tsx';
import { useKeys } from './use-keys.ts';

/** Header, rail, the place that is shown, and the drawers. */
export function Frame() {
  const place = useRoute((route) => route.place);
  const [isKeysOpen, keys] = useDisclosure(false);
  const connection = useConnection((one) => one.state);
  useEffect(preloadScreens, []);
  useEffect(() => {
    const names: Record<Place, string> = { ...appText, ...appText.steps };
    document.title = appText.windowTitle(names[place]);
  }, [place]);
  useKeys(keys.toggle);
  if (connection === 'signed-out') return <SignIn />;
  const Screen = screens[place];
  return (
    <div className="sl-frame" data-connection={connection}>
      <a className="sl-skip" href="#content">
        {appText.skip}
      </a>
      <Header onKeys={keys.open} />
      <Rail place={place} />
      <main className="sl-main" id="content" tabIndex={-1}>
        <Notices />
        <ScreenBoundary key={place}>
          <Suspense fallback={<Text p={24}>{appText.loading}</Text>}>
            <Screen />
          </Suspense>
        </ScreenBoundary>
      </main>
      <JobDrawer />
      <KeysList isOpen={isKeysOpen} close={keys.close} />
    </div>
  );
}

/** What concerns every place: a lost connection, another holder of the lock, an error of the wizard itself. */
function Notices() {
  const connection = useConnection((one) => one.state);
  const hello = useHello((one) => one.hello);
  const error = useWizard((wizard) => wizard.error);
  return (
    <div aria-live="polite">
      {connection === 'lost' && (
        <p className="sl-notice" data-severity="amber">
          ▲ {appText.lost}
        </p>
      )}
      {hello && !hello.mayWrite && (
        <p className="sl-notice" data-severity="amber">
          ▲ {appText.readOnly(hello.owner ?? 'another Sealift')}
        </p>
      )}
      {error && <ErrorPanel error={error} />}
    </div>
  );
}
