import { Button, Group, Text } from '@mantine/core';
import { useEffect } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import { secondsText } from '../../../shared/progress-text.ts';
import { timeText } from '../../../shared/time-text.ts';
import { core } from '../../state/core.ts';
import { useIsReadOnly, useMayWrite } from '../../state/hello.ts';
import { followMedia } from '../../state/media.ts';
import { goTo } from '../../state/route.ts';
import { useJob } from '../../state/use-job.ts';
import { appText } from '../../text/app.ts';
import { pushText as text } from '../../text/push.ts';
import { remedyText } from '../../text/remedies.ts';
import { ComeIntoView } from '../../ui/come-into-view.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { ReasonForm } from '../../ui/reason-form.tsx';
import { Screen } from '../../ui/screen.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { PushContents } from './push-contents.tsx';
import { PushForm } from './push-form.tsx';
import { comparePush, isCurrent, pushInput, usePush } from './push-store.ts';

/** Compares a bundle or the store with the site's own registry, and sends what that lacks. */
export default function PushScreen() {
  useEffect(followMedia, []);
  const state = usePush();
  const { plan, error, isPlanning } = state;
  const use = useJob('push', 'run');
  const mayWrite = useMayWrite();
  const why = useIsReadOnly() ? appText.heldByAnother : undefined;
  const isNow = isCurrent(state);
  const lack = lacking(state);
  const isDone = isNow && plan?.sendBytes === 0 && plan.contents.every((one) => one.state === 'present');
  const begin = () => void use.start(() => core().push.run(pushInput(state)));
  const canPush = mayWrite && isNow && !isDone && !use.isRunning;
  const actions = (
    <>
      <Text className="sl-grow sl-quiet">{lack ?? (isNow ? undefined : plan ? text.changed : text.mustPlan)}</Text>
      <Button
        variant={isNow ? 'default' : 'filled'}
        disabled={lack !== undefined || use.isRunning}
        loading={isPlanning}
        onClick={() => void comparePush()}
      >
        {text.plan}
      </Button>
      <Button variant={isNow ? 'filled' : 'default'} disabled={!canPush} title={why} onClick={begin}>
        {use.isRunning ? text.pushing : isDone ? text.nothing : text.push(isNow ? bytesText(plan?.sendBytes ?? 0) : '')}
      </Button>
    </>
  );
  return (
    <Screen title={text.title} lead={text.lead} actions={actions}>
      <PushForm isIdle={!use.isRunning} />
      {error && (isAboutTrust(error.code) ? <Untrusted /> : <ErrorPanel error={error} />)}
      {use.error && (
        <ErrorPanel error={use.error} actions={[{ fits: /^sealift push\b/, act: () => void comparePush() }]} />
      )}
      <ComeIntoView isWanted={use.isRunning}>
        {use.job && use.isRunning && <JobProgress job={use.job} />}
        {use.job?.state === 'cancelled' && <Text role="status">▲ {appText.stopped(timeText(use.job.updatedAt))}</Text>}
        {use.job?.state === 'succeeded' && use.result && <Pushed result={use.result} />}
      </ComeIntoView>
      {plan && <PushContents plan={plan} />}
    </Screen>
  );
}

function lacking({ target, isFromMedia, dirs }: ReturnType<typeof usePush.getState>): string | undefined {
  if (target.trim() === '') return text.mustTarget;
  return isFromMedia && dirs.length === 0 ? text.mustMedia : undefined;
}

function isAboutTrust(code: string): boolean {
  return code === 'bundle.untrusted' || code === 'bundle.unsigned';
}

/** Leads to the check of the fingerprint, or takes a reason. The error itself is not shown: it has the words that a person must get another way. */
function Untrusted() {
  return (
    <section className="sl-finding" data-severity="red" role="alert">
      <Text fw={600} mb={8}>
        <StateMark status="blocked" wordless /> {text.notTrusted}
      </Text>
      <Button variant="default" size="compact-sm" mb={12} onClick={() => goTo('import')}>
        {remedyText.trust}
      </Button>
      <ReasonForm
        label={text.untrusted}
        text={{ give: text.useAnyway, cancel: text.cancel, tooShort: text.tooShort }}
        mayGive
        give={(overrideReason) => {
          usePush.setState({ overrideReason });
          void comparePush();
        }}
        cancel={() => usePush.setState({ error: undefined })}
      />
    </section>
  );
}

function Pushed({ result }: { result: NonNullable<ReturnType<typeof useJob<'push', 'run'>>['result']> }) {
  const { isComplete, registry, durationMs, sentBytes, presentBytes, missing } = result;
  const seconds = secondsText(durationMs / 1000);
  return (
    <Group gap={8} role="status">
      <Text fw={600} className={isComplete ? 'sl-good' : 'sl-look'}>
        {isComplete ? `● ${text.done(registry, seconds)}` : `▲ ${text.part(registry, seconds)}`}
      </Text>
      <Text className="sl-quiet">{text.sent(bytesText(sentBytes), bytesText(presentBytes))}</Text>
      {missing.length > 0 && <Text>{text.missing(missing.join(', '))}</Text>}
    </Group>
  );
}
