import { type ReactNode, Suspense } from 'react';
import { useInstall } from '../state/install.ts';
import { useJobs } from '../state/jobs.ts';
import { appText } from '../text/app.ts';
import { lazyPart } from '../ui/lazy-part.ts';
import { useOnce } from '../ui/use-once.ts';
import { ScreenBoundary } from './screen-boundary.tsx';

const JobDrawer = lazyPart(() => import('../features/jobs/job-drawer.tsx'));
const InstallDialog = lazyPart(() => import('../features/packages/install-dialog.tsx'));
const Palette = lazyPart(() => import('../features/palette/palette.tsx'));
const HelpDrawer = lazyPart(() => import('../features/help/help-drawer.tsx'));

interface Opened {
  isOpen: boolean;
  close(): void;
}

/** The drawers and dialogs that belong to no screen. Each is mounted when it is first opened, and stays. */
export function Dialogs({ help, palette }: { help: Opened; palette: Opened & { showHelp(): void } }) {
  const hasJobs = useOnce(useJobs((jobs) => jobs.isDrawerOpen));
  const hasInstall = useOnce(useInstall((install) => install.name !== undefined));
  const hasHelp = useOnce(help.isOpen);
  const hasPalette = useOnce(palette.isOpen);
  return (
    <>
      {hasJobs && (
        <Apart>
          <JobDrawer />
        </Apart>
      )}
      {hasInstall && (
        <Apart>
          <InstallDialog />
        </Apart>
      )}
      {hasPalette && (
        <Apart>
          <Palette {...palette} />
        </Apart>
      )}
      {hasHelp && (
        <Apart>
          <HelpDrawer {...help} />
        </Apart>
      )}
    </>
  );
}

/** One that cannot load says so, and breaks no other. */
function Apart({ children }: { children: ReactNode }) {
  const notice = (
    <p className="sl-notice sl-broken-dialog" role="alert">
      ▲ {appText.brokenDialog}
    </p>
  );
  return (
    <ScreenBoundary instead={notice}>
      <Suspense>{children}</Suspense>
    </ScreenBoundary>
  );
}
