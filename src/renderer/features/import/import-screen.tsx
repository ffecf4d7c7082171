import { Button, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import type { JobSnapshot } from '../../../shared/jobs.ts';
import { useMedia } from '../../state/media.ts';
import { useJob } from '../../state/use-job.ts';
import { importText as text } from '../../text/import.ts';
import { ComeIntoView } from '../../ui/come-into-view.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { Screen } from '../../ui/screen.tsx';
import { AddFolder } from './add-folder.tsx';
import { ContentsTable } from './contents-table.tsx';
import { followImport, isWanted, override, startImport, startVerify, useImport, useMayWrite } from './import-store.ts';
import { MediaCards } from './media-cards.tsx';
import { MissingMedium, onlyMediaMissing } from './missing-medium.tsx';
import { ImportOutcome, VerifyOutcome } from './outcomes.tsx';
import type { BadPlace } from './part-cells.ts';
import { PartsMap } from './parts-map.tsx';
import { SpaceTable } from './space-table.tsx';
import { OverrideDialog, TrustDialog } from './trust-dialog.tsx';
import { isOfPlan } from './verified-media.ts';
import './import.css';

/** Media, trust, what would be written where, and the import itself. */
export default function ImportScreen() {
  useEffect(followImport, []);
  const { plan, error, refused, isAsking, leftOut, signer } = useImport();
  const media = useMedia();
  const mayWrite = useMayWrite();
  const importing = useJob('imports', 'run');
  const verifying = useJob('bundle', 'verify');
  const job = importing.isRunning ? importing.job : verifying.isRunning ? verifying.job : undefined;
  const verified = verifying.result && plan && isOfPlan(verifying.result, plan) ? verifying.result : undefined;
  const bad: BadPlace[] = [...(verified?.damage ?? []), ...damageOf(importing.job)];
  return (
    <Screen title={text.title} lead={text.lead} actions={<Actions plan={plan} job={job} mayWrite={mayWrite} />}>
      {plan && !job && onlyMediaMissing(plan) && <MissingMedium plan={plan} wantsRest={isWanted(plan)} />}
      {job && (
        <ComeIntoView isWanted>
          <JobProgress job={job} />
        </ComeIntoView>
      )}
      {refused && <ErrorPanel error={refused} />}
      {!job && <ImportOutcome use={importing} plan={plan} />}
      {!job && verified && <VerifyOutcome result={verified} endedAt={verifying.resultAt ?? ''} />}
      {!job && !verifying.result && verifying.error && <ErrorPanel error={verifying.error} />}
      <section aria-labelledby="import-media">
        <Stack gap={12}>
          <Title order={2} id="import-media">
            {text.media}
          </Title>
          {media.error && <ErrorPanel error={media.error} />}
          {!media.carriers && !media.error && <Text>{text.loading}</Text>}
          {media.carriers?.length === 0 && (
            <Text>
              {text.none} {text.noneHow}
            </Text>
          )}
          <MediaCards
            carriers={media.carriers ?? []}
            leftOut={leftOut}
            plan={plan}
            error={error}
            signer={signer}
            mayWrite={mayWrite}
            isIdle={!job}
          />
          <TrustQuestion mayWrite={mayWrite} />
          <AddFolder mayWrite={mayWrite} />
        </Stack>
      </section>
      {error && !trustCodes.includes(error.code) && <ErrorPanel error={error} />}
      {isAsking && !plan && <Text role="status">{text.planning}</Text>}
      {plan && (
        <>
          {plan.findings.length > 0 && !job && <FindingList findings={plan.findings} />}
          <ContentsTable plan={plan} />
          <SpaceTable filesystems={plan.filesystems} />
          <PartsMap plan={plan} job={job} bad={bad} />
        </>
      )}
    </Screen>
  );
}

const trustCodes = ['bundle.untrusted', 'bundle.unsigned'];

/** What to do about media that no trusted key signed, or that are used nevertheless. */
function TrustQuestion({ mayWrite }: { mayWrite: boolean }) {
  const { error, overrideReason } = useImport();
  const [isTrustOpen, trust] = useDisclosure(false);
  const [isOverrideOpen, overriding] = useDisclosure(false);
  const { keyId, words } = (error?.details ?? {}) as { keyId?: string; words?: string };
  if (overrideReason !== undefined)
    return (
      <div>
        <Button variant="default" onClick={() => override(undefined)}>
          {text.trustAgain}
        </Button>
      </div>
    );
  if (!error || !trustCodes.includes(error.code)) return null;
  const isSigned = keyId !== undefined && words !== undefined;
  return (
    <section className="sl-finding" data-severity="amber" role="status">
      <Stack gap={8}>
        <Text fw={600}>▲ {isSigned ? text.notTrustedLong : text.notSignedLong}</Text>
        <div className="sl-row">
          {isSigned && (
            <Button onClick={trust.open} disabled={!mayWrite}>
              {text.checkFingerprint}
            </Button>
          )}
          <Button variant="default" onClick={overriding.open} disabled={!mayWrite}>
            {text.useNevertheless}
          </Button>
        </div>
      </Stack>
      {isSigned && <TrustDialog keyOfMedia={{ keyId, words }} isOpen={isTrustOpen} close={trust.close} />}
      <OverrideDialog isOpen={isOverrideOpen} close={overriding.close} />
    </section>
  );
}

function Actions(props: { plan: ImportPlan | undefined; job: JobSnapshot | undefined; mayWrite: boolean }) {
  const { plan, job, mayWrite } = props;
  const isHere = plan?.media.some((one) => one.path !== undefined) ?? false;
  const reason = job
    ? text.waits
    : !mayWrite
      ? text.readOnly
      : plan?.isComplete
        ? text.complete
        : plan && onlyMediaMissing(plan)
          ? text.nothingAtHand
          : undefined;
  const isReady = isHere && reason === undefined;
  const amount =
    !plan || plan.isComplete ? text.importNothing : text.import(plan.readBytes && bytesText(plan.readBytes));
  return (
    <>
      {reason && (
        <Text className="sl-quiet sl-grow" role="status">
          {reason}
        </Text>
      )}
      <Button variant="default" onClick={() => void startVerify()} disabled={!isHere || job !== undefined}>
        {job?.kind === 'bundle.verify' ? text.verifying : text.verify}
      </Button>
      <Button onClick={() => void startImport()} disabled={!isReady}>
        {job?.kind === 'imports.run' ? text.importing : amount}
      </Button>
    </>
  );
}

/** Where the newest import found a medium damaged. */
function damageOf(job: JobSnapshot | undefined): BadPlace[] {
  if (job?.error?.code !== 'bundle.damaged') return [];
  const { path, offsetBytes, lengthBytes } = job.error.details as unknown as BadPlace;
  return [{ path, offsetBytes, lengthBytes }];
}
