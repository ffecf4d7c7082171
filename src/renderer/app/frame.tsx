import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type MouseEvent, Suspense, useEffect } from 'react';
import { useConnection } from '../state/core.ts';
import { useHello } from '../state/hello.ts';
import { useRoute } from '../state/route.ts';
import { useWizard } from '../state/wizard.ts';
import { appText, screenNames } from '../text/app.ts';
import { ErrorPanel } from '../ui/error-panel.tsx';
import { loadLazyParts } from '../ui/lazy-part.ts';
import { Dialogs } from './dialogs.tsx';
import { Header } from './header.tsx';
import { Rail } from './rail.tsx';
import { ScreenBoundary } from './screen-boundary.tsx';
import { screens } from './screens.ts';
import { SignIn } from './sign-in.tsx';
import { useKeys } from './use-keys.ts';

/** The header, the rail, the current screen and the drawers. */
export function Frame() {
  const place = useRoute((route) => route.place);
  const [isHelpOpen, help] = useDisclosure(false);
  const [isPaletteOpen, palette] = useDisclosure(false);
  const connection = useConnection((one) => one.state);
  useEffect(loadLazyParts, []);
  useEffect(() => {
    document.title = appText.windowTitle(screenNames[place]);
    // The next screen would open where the one before was scrolled to.
    document.getElementById('content')?.scrollTo(0, 0);
  }, [place]);
  useKeys({ help: help.toggle, palette: palette.open });
  if (connection === 'signed-out') return <SignIn />;
  const Screen = screens[place];
  return (
    <div className="sl-frame" data-connection={connection}>
      {/* biome-ignore lint/a11y/useValidAnchor: it is a link to a place in the page; only the address must stay. */}
      <a className="sl-skip" href="#content" onClick={skipToContent}>
        {appText.skip}
      </a>
      <Header onHelp={help.open} />
      <Rail place={place} />
      <main className="sl-main" id="content" tabIndex={-1}>
        <Notices />
        <ScreenBoundary key={place}>
          <Suspense fallback={<Text p={24}>{appText.loading}</Text>}>
            <Screen />
          </Suspense>
        </ScreenBoundary>
      </main>
      <Dialogs
        help={{ isOpen: isHelpOpen, close: help.close }}
        palette={{ isOpen: isPaletteOpen, close: palette.close, showHelp: help.open }}
      />
    </div>
  );
}

/* The address names the screen, so a jump to the content must not change it. */
function skipToContent(event: MouseEvent) {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

/** Notices for every screen: a lost connection, read-only mode, an error of the wizard itself. */
function Notices() {
  const connection = useConnection((one) => one.state);
  const { hello, isReplaced } = useHello();
  const error = useWizard((wizard) => wizard.error);
  return (
    <div aria-live="polite">
      {connection === 'lost' && (
        <p className="sl-notice" data-severity="amber">
          ▲ {appText.lost}
        </p>
      )}
      {hello && isReplaced && (
        <p className="sl-notice" data-severity="amber">
          ▲ {appText.replaced(hello.version)}{' '}
          <Button size="compact-xs" variant="default" onClick={() => location.reload()}>
            {appText.reload}
          </Button>
        </p>
      )}
      {hello && !hello.mayWrite && (
        <p className="sl-notice" data-severity="amber">
          ▲ {appText.readOnly(hello.owner ?? appText.anotherSealift)}
        </p>
      )}
      {error && <ErrorPanel error={error} />}
    </div>
  );
}
