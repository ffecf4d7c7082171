import { Button, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import { isAbsent } from '../../../shared/contract/bundle-read.ts';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import type { JobSnapshot } from '../../../shared/jobs.ts';
import { useIsReadOnly, useMayWrite } from '../../state/hello.ts';
import { useMedia } from '../../state/media.ts';
import type { ShownError } from '../../state/shown-error.ts';
import { useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { importText as text } from '../../text/import.ts';
import { AddFolder } from '../../ui/add-folder.tsx';
import { ComeIntoView } from '../../ui/come-into-view.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import type { RemedyAction } from '../../ui/remedies.tsx';
import { Screen } from '../../ui/screen.tsx';
import { StepReason } from '../../ui/step-reason.tsx';
import { BundleCompare } from './bundle-compare.tsx';
import { ContentsTable } from './contents-table.tsx';
import {
  allowOlder,
  followImport,
  isWanted,
  override,
  startImport,
  startVerify,
  trust,
  useImport,
} from './import-store.ts';
import { MediaCards } from './media-cards.tsx';
import { MissingMedium, onlyMediaMissing } from './missing-medium.tsx';
import { ImportOutcome, VerifyOutcome } from './outcomes.tsx';
import type { BadPlace } from './part-cells.ts';
import { PartsMap } from './parts-map.tsx';
import { SpaceTable } from './space-table.tsx';
import { StoreTable } from './store-table.tsx';
import { OverrideDialog, TrustDialog } from './trust-dialog.tsx';
import { isConnected, verifiedNow } from './verified-media.ts';
import './import.css';

/** Shows media, trust and the import plan, and runs the import. */
export default function ImportScreen() {
  useEffect(followImport, []);
  const { plan, error, refused, isAsking, unplugged } = useImport();
  const store = useWizard((wizard) => wizard.state?.store);
  const mayWrite = useMayWrite();
  const importing = useJob('imports', 'run');
  const verifying = useJob('bundle', 'verify');
  const job = importing.isRunning ? importing.job : verifying.isRunning ? verifying.job : undefined;
  const verified =
    verifying.result && plan && verifiedNow(verifying.result, plan, unplugged[verifying.resultId ?? ''] ?? []);
  const verifyError = verifying.error;
  const again = plan && mayWrite && !job ? [...permissions, ...repeats] : [];
  const bad: BadPlace[] = [
    ...(verified?.damage ?? []).filter((one) => !isAbsent(one)),
    ...damageOf(importing.job, plan, unplugged),
  ];
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      actions={<Actions plan={plan} job={job} mayWrite={mayWrite} isDamaged={bad.length > 0} />}
    >
      <StepReason status="look" />
      {plan && !job && onlyMediaMissing(plan) && <MissingMedium plan={plan} wantsRest={isWanted(plan)} />}
      {job && (
        <ComeIntoView isWanted>
          <JobProgress job={job} />
        </ComeIntoView>
      )}
      {refused && <ErrorPanel error={refused.error} actions={again} />}
      {!job && refused?.verb !== 'import' && <ImportOutcome use={importing} plan={plan} actions={again} />}
      {!job && !verifyError && verified && <VerifyOutcome result={verified} endedAt={verifying.resultAt ?? ''} />}
      {!job && verifyError && <ErrorPanel error={verifyError} actions={again} />}
      <Media mayWrite={mayWrite} isIdle={!job} />
      {error && !trustCodes.includes(error.code) && (
        <ErrorPanel error={error} actions={mayWrite ? successorOf(error) : []} />
      )}
      {isAsking && !plan && <Text role="status">{text.planning}</Text>}
      {plan && <Preview plan={plan} job={job} bad={bad} mayWrite={mayWrite} />}
      {store && <StoreTable store={store} />}
    </Screen>
  );
}

/** Shows what the import does: findings, contents, space, and where each part comes from. */
function Preview(props: { plan: ImportPlan; job: JobSnapshot | undefined; bad: BadPlace[]; mayWrite: boolean }) {
  const { plan, job, bad, mayWrite } = props;
  // The list of the whole bundle is on its last medium.
  const connected = plan.media.findLast((one) => one.path !== undefined)?.path;
  return (
    <>
      {plan.findings.length > 0 && !job && (
        <FindingList findings={plan.findings} actions={mayWrite ? permissions : []} />
      )}
      <ContentsTable plan={plan} />
      {connected !== undefined && <BundleCompare after={connected} />}
      <SpaceTable filesystems={plan.filesystems} />
      <PartsMap plan={plan} job={job} bad={bad} />
    </>
  );
}

/** Shows the media, asks about their key, and takes more folders. */
function Media({ mayWrite, isIdle }: { mayWrite: boolean; isIdle: boolean }) {
  const { plan, error, leftOut, signer } = useImport();
  const media = useMedia();
  return (
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
          isIdle={isIdle}
        />
        <TrustQuestion mayWrite={mayWrite} />
        <AddFolder mayWrite={mayWrite} />
      </Stack>
    </section>
  );
}

const permissions: RemedyAction[] = [{ fits: /--allow-older$/, label: text.allowOlder, act: allowOlder }];

const repeats: RemedyAction[] = [
  { fits: /^sealift import\b/, act: () => void startImport() },
  { fits: /^sealift bundle verify\b/, act: () => void startVerify() },
];

/** Offers to trust the key that a trusted one names as its successor. */
function successorOf({ code, details }: ShownError): RemedyAction[] {
  if (code !== 'bundle.new-key') return [];
  const { keyId = '', label = '' } = details as { keyId?: string; label?: string };
  return [{ fits: /^sealift key trust\b/, act: () => void trust(keyId, label) }];
}

const trustCodes = ['bundle.untrusted', 'bundle.unsigned'];

/** Offers to check the key of untrusted media, to use them anyway, or to take that back. */
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
            {text.useAnyway}
          </Button>
        </div>
      </Stack>
      {isSigned && <TrustDialog keyOfMedia={{ keyId, words }} isOpen={isTrustOpen} close={trust.close} />}
      <OverrideDialog isOpen={isOverrideOpen} close={overriding.close} />
    </section>
  );
}

/** What a person must do first, while no medium can be used. Other errors are shown with their own remedies. */
function needOf(code: string | undefined, isKnown: boolean): string | undefined {
  if (code === undefined) return isKnown ? text.mustConnect : undefined;
  return { 'bundle.untrusted': text.mustTrust, 'bundle.unsigned': text.mustGiveReason }[code];
}

function Actions(props: {
  plan: ImportPlan | undefined;
  job: JobSnapshot | undefined;
  mayWrite: boolean;
  isDamaged: boolean;
}) {
  const { plan, job, mayWrite, isDamaged } = props;
  const isReadOnly = useIsReadOnly();
  const { error, isAsking } = useImport();
  const isKnown = useMedia((one) => one.carriers !== undefined);
  const isHere = plan?.media.some((one) => one.path !== undefined) ?? false;
  const reasons = [
    [job !== undefined, text.busy],
    [isReadOnly, text.readOnly],
    [plan?.isComplete, text.complete],
    [plan && onlyMediaMissing(plan), text.mediaMissing],
    [!isHere && !isAsking, needOf(error?.code, isKnown)],
  ] as const;
  const reason = reasons.find(([applies]) => applies)?.[1];
  const hint = reason ?? (isDamaged ? text.mustCopy : undefined);
  const isReady = isHere && mayWrite && reason === undefined;
  const amount =
    !plan || plan.isComplete ? text.importNothing : text.import(plan.readBytes && bytesText(plan.readBytes));
  return (
    <>
      {hint && (
        <Text className="sl-quiet sl-grow" role="status">
          {hint}
        </Text>
      )}
      <Button variant="default" onClick={() => void startVerify()} disabled={!isHere || job !== undefined}>
        {job?.kind === 'bundle.verify' ? text.verifying : text.verify}
      </Button>
      <Button variant={isDamaged ? 'default' : 'filled'} onClick={() => void startImport()} disabled={!isReady}>
        {job?.kind === 'imports.run' ? text.importing : amount}
      </Button>
    </>
  );
}

/** Returns where the newest import found damage, until that medium is removed. */
function damageOf(
  job: JobSnapshot | undefined,
  plan: ImportPlan | undefined,
  unplugged: Readonly<Record<string, readonly string[]>>,
): BadPlace[] {
  if (job?.error?.code !== 'bundle.damaged' || !plan) return [];
  const { medium, path, offsetBytes, lengthBytes } = job.error.details as unknown as BadPlace;
  const isGone = unplugged[job.id]?.includes(medium) || !isConnected(plan, medium);
  return isGone ? [] : [{ medium, path, offsetBytes, lengthBytes }];
}
