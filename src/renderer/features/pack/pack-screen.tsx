import { Button, Stack, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import { licencesToAccept } from '../../../shared/plan-licences.ts';
import { planSizeWords } from '../../../shared/plan-sizes.ts';
import { useIsReadOnly, useMayWrite } from '../../state/hello.ts';
import type { ShownError } from '../../state/shown-error.ts';
import { useJob } from '../../state/use-job.ts';
import { packText as text } from '../../text/pack.ts';
import { ComeIntoView } from '../../ui/come-into-view.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Throughput } from '../../ui/throughput.tsx';
import { ContentsPart } from './contents-part.tsx';
import { inForm } from './form-refusal.ts';
import { KeyPart } from './key-part.tsx';
import { NeedsPart } from './needs-part.tsx';
import { pack, plan, planKey, readKeys, usePack } from './pack-store.ts';
import { PackingSlip } from './packing-slip.tsx';
import { acceptedId, type Plan, PlanPart } from './plan-part.tsx';
import { useDraftKept } from './saved-draft.ts';
import { TargetsPart } from './targets-part.tsx';
import './pack.css';

/** Packs a bundle: requirements, contents, media, plan, signing key, and the packing slip. */
export default function PackScreen() {
  useEffect(() => void readKeys(), []);
  const state = usePack();
  const mayWrite = useMayWrite();
  const planning = useJob('bundle', 'packPlan');
  const packing = useJob('bundle', 'pack');
  const isOwn = planning.job !== undefined && planning.job.id === state.planned?.jobId;
  const shown = isOwn && planning.job?.state === 'succeeded' ? planning.result : undefined;
  const refusal = isOwn ? planning.error : undefined;
  const isStale = state.planned?.of !== planKey(state);
  useFirstProblemInFocus(state.problems, refusal);
  const isBusy = planning.isRunning || packing.isRunning;
  const actions = (
    <Actions
      plan={isStale ? undefined : shown}
      isPacking={packing.isRunning}
      isPacked={packing.job?.state === 'succeeded' && packing.job.startedAt > (planning.job?.startedAt ?? '')}
      isBusy={isBusy}
      mayWrite={mayWrite}
    />
  );
  return (
    <Screen title={text.title} lead={text.lead} actions={actions}>
      <DraftNotice />
      <NeedsPart mayWrite={mayWrite} />
      <ContentsPart refusal={refusal} />
      <TargetsPart />
      <Planned plan={shown} refusal={refusal} isStale={isStale} isPlanning={planning.isRunning} />
      <section aria-labelledby="pack-write" className="sl-no-print">
        <Stack gap={12}>
          <Title order={2} id="pack-write">
            {text.write}
          </Title>
          <KeyPart mayWrite={mayWrite} />
        </Stack>
      </section>
      <Packing packing={packing} isOwn={state.planned !== undefined} />
    </Screen>
  );
}

/** Says so when a reload would lose what was entered. */
function DraftNotice() {
  const isKept = useDraftKept((one) => one.isKept);
  return (
    <div aria-live="polite" className="sl-no-print">
      {!isKept && <Text className="sl-look">▲ {text.notKept}</Text>}
    </div>
  );
}

/** Shows the plan, or why there is none. */
function Planned(props: {
  plan: Plan | undefined;
  refusal: ShownError | undefined;
  isStale: boolean;
  isPlanning: boolean;
}) {
  const { plan: shown, refusal, isStale, isPlanning } = props;
  const { error, problems } = usePack();
  return (
    <section aria-labelledby="pack-plan" className="sl-no-print">
      <Stack gap={12}>
        <Title order={2} id="pack-plan">
          {text.planTitle}
        </Title>
        {error && <ErrorPanel error={error} />}
        {Object.keys(problems).length > 0 && (
          <ComeIntoView isWanted>
            <Text className="sl-bad" role="alert">
              ■ {text.problems}
            </Text>
          </ComeIntoView>
        )}
        {problems.contents && <Text className="sl-bad">■ {problems.contents}</Text>}
        {isPlanning && <Text role="status">{text.planning}</Text>}
        {refusal && <ErrorPanel error={inForm(refusal)} />}
        {shown && isStale && <Text className="sl-look">▲ {text.changed}</Text>}
        {shown ? <PlanPart plan={shown} /> : <Text className="sl-quiet">{text.notPlanned}</Text>}
      </Stack>
    </section>
  );
}

/** Shows the newest packing: its progress, its error or its slip. `isOwn`: this page planned it. */
function Packing({ packing, isOwn }: { packing: ReturnType<typeof useJob<'bundle', 'pack'>>; isOwn: boolean }) {
  const { job, isRunning, error, result } = packing;
  if (isRunning && job)
    return (
      <ComeIntoView isWanted>
        <div className="sl-packing">
          <JobProgress job={job} />
          <Throughput job={job} />
        </div>
      </ComeIntoView>
    );
  return (
    <>
      {job?.state === 'failed' && error && (
        <ComeIntoView isWanted={isOwn}>
          <ErrorPanel error={error} />
        </ComeIntoView>
      )}
      {job?.state === 'succeeded' && result && (
        <ComeIntoView isWanted={isOwn}>
          <PackingSlip packed={result} />
        </ComeIntoView>
      )}
    </>
  );
}

/** Moves to the first marked field after planning, but never while a person is typing. */
function useFirstProblemInFocus(problems: Readonly<Record<string, string>>, refusal: ShownError | undefined): void {
  useEffect(() => {
    if ((Object.keys(problems).length === 0 && !refusal) || document.activeElement?.matches('input, textarea')) return;
    document.querySelector<HTMLElement>('#content [aria-invalid="true"]')?.focus();
  }, [problems, refusal]);
}

function Actions(props: {
  plan: Plan | undefined;
  isPacking: boolean;
  /** The plan has been written. */
  isPacked: boolean;
  isBusy: boolean;
  mayWrite: boolean;
}) {
  const { plan: planned, isPacking, isPacked, isBusy, mayWrite } = props;
  const { accepted, key, targets } = usePack();
  const isReadOnly = useIsReadOnly();
  const hasTarget = targets.some((one) => one.trim() !== '');
  const reasons = [
    [isReadOnly, text.readOnly],
    [isBusy, text.busy],
    [!planned && !hasTarget, text.mustTarget],
    [!planned, text.mustPlan],
    [planned && licencesToAccept(planned).some((one) => !accepted.includes(acceptedId(one))), text.mustAccept],
    [key === '', text.mustKey],
  ] as const;
  const reason = reasons.find(([applies]) => applies)?.[1];
  const label = planned
    ? text.writeNow(planSizeWords[planned.sizes] + bytesText(planned.totalBytes), planned.media.length)
    : text.writePlain;
  return (
    <>
      {reason && (
        <Text className="sl-quiet sl-grow" role="status">
          {reason}
        </Text>
      )}
      <Button variant="default" onClick={() => void plan()} disabled={!mayWrite || isBusy || !hasTarget}>
        {text.plan}
      </Button>
      <Button
        variant={isPacked ? 'default' : 'filled'}
        onClick={() => void pack()}
        disabled={!mayWrite || reason !== undefined}
      >
        {isPacking ? text.writing : label}
      </Button>
    </>
  );
}
