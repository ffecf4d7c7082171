import { Suspense, useState } from 'react';
import { useInstall } from '../state/install.ts';
import { useJobs } from '../state/jobs.ts';
import { late } from '../ui/late.ts';
import { ScreenBoundary } from './screen-boundary.tsx';

const JobDrawer = late(() => import('../features/jobs/job-drawer.tsx'));
const InstallDialog = late(() => import('../features/packages/install-dialog.tsx'));
const HelpDialog = late(() => import('./help-dialog.tsx'));

/** The drawers and dialogs that belong to no screen. Each is mounted when it is first opened, and stays. */
export function Dialogs({ help }: { help: { isOpen: boolean; close(): void } }) {
  const hasJobs = useOnce(useJobs((jobs) => jobs.isDrawerOpen));
  const hasInstall = useOnce(useInstall((install) => install.name !== undefined));
  const hasHelp = useOnce(help.isOpen);
  return (
    <ScreenBoundary>
      <Suspense>
        {hasJobs && <JobDrawer />}
        {hasInstall && <InstallDialog />}
        {hasHelp && <HelpDialog {...help} />}
      </Suspense>
    </ScreenBoundary>
  );
}

/** Stays true once it was. */
function useOnce(isNow: boolean): boolean {
  const [was, setWas] = useState(isNow);
  if (isNow && !was) setWas(true);
  return was || isNow;
}
