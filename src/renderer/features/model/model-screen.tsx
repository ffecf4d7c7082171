import { Group, Text } from '@mantine/core';
import { useEffect } from 'react';
import type { Verdict } from '../../../shared/contract/estimate.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import { useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { appText } from '../../text/app.ts';
import { modelText as text } from '../../text/model.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { PassOver } from '../../ui/pass-over.tsx';
import { Screen } from '../../ui/screen.tsx';
import { StepReason } from '../../ui/step-reason.tsx';
import { ChooseButton } from './choose-button.tsx';
import { Comparison } from './comparison.tsx';
import { contextFor, planNow } from './model-choice.ts';
import { ModelPicture } from './model-picture.tsx';
import { beginWith, choose, lookAtModels, type Model, useModels } from './model-store.ts';
import { planOf } from './model-words.ts';
import { NeedsForm } from './needs-form.tsx';
import { PlanList } from './plan-list.tsx';
import './model.css';

/* While a slider moves, the core is asked only once it rests. */
const settleMs = 150;

/** Asks what is needed, ranks the models that GitLab supports, and shows the memory use of the selected one. */
export default function ModelScreen() {
  const answers = useWizard((wizard) => wizard.state?.answers);
  const step = useWizard((wizard) => wizard.state?.steps.find((one) => one.id === 'model'));
  const images = useWizard((wizard) => wizard.state?.store.images);
  const hasRocmImage = images?.some((one) => /rocm/i.test(one.reference)) ?? false;
  const { result: readiness } = useJob('hardware', 'check');
  const { needs, all, ranked, error, isLooking, contextTokens, concurrency, shownId } = useModels();
  useEffect(() => {
    if (answers) beginWith(answers);
  }, [answers]);
  const machine = readiness?.machine;
  useFreshRanking(readiness, hasRocmImage);
  const shown = all?.models.find((one) => one.id === shownId);
  const plan =
    shown &&
    machine &&
    planNow(shown.size, planOf(ranked, shown.id), machine, { contextTokens, concurrency, hasRocmImage });
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      actions={shown && <Choice shown={shown} verdict={plan?.estimate.verdict} />}
    >
      {error && <ErrorPanel error={error} />}
      {!needs && <Text>{appText.loading}</Text>}
      {needs && <NeedsForm needs={needs} newest={all?.gitlab.last} sizing={all?.sizing} />}
      {needs && !machine && (
        <Text>
          {text.noMachine} <a href="#/readiness">{text.toReadiness}</a>
        </Text>
      )}
      {(step?.status === 'look' || answers?.overrides['model.choice'] !== undefined) && (
        <div className="sl-panel">
          <StepReason status="look" />
          <PassOver findingId="model.choice" />
        </div>
      )}
      {all && <Comparison all={all} ranked={ranked} />}
      {isLooking && !all && <Text>{text.looking}</Text>}
      {all && needs && (
        <div className="sl-model">
          <PlanList all={all} ranked={ranked} needs={needs} chosenId={answers?.modelId} />
          <ModelPicture model={shown} ranked={ranked} plan={plan} />
        </div>
      )}
    </Screen>
  );
}

/** Ranks again when the needs change, and after a check of the machine. */
function useFreshRanking(readiness: Readiness | undefined, hasRocmImage: boolean): void {
  const { needs, contextTokens, concurrency } = useModels();
  const question = needs && JSON.stringify([needs, contextTokens, concurrency, hasRocmImage]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new check counts as a new machine
  useEffect(() => {
    if (!question) return;
    const timer = setTimeout(() => void lookAtModels(readiness?.machine, hasRocmImage), settleMs);
    return () => clearTimeout(timer);
  }, [question, readiness?.createdAt]);
}

/** Offers to choose the shown model with these numbers, or says that it is chosen. */
function Choice({ shown, verdict }: { shown: Model; verdict: Verdict | undefined }) {
  const answers = useWizard((wizard) => wizard.state?.answers);
  const { contextTokens, concurrency } = useModels();
  const isKept =
    answers?.modelId === shown.id &&
    answers.contextTokens === contextFor(shown.size, contextTokens) &&
    answers.concurrency === concurrency &&
    (verdict === undefined || answers.verdict === verdict);
  return (
    <Group gap={8}>
      {isKept && (
        <Text className="sl-good" role="status">
          ● {text.isKept(shown.name)}
        </Text>
      )}
      <ChooseButton
        key={shown.id}
        name={shown.name}
        isChosen={answers?.modelId === shown.id}
        isKept={isKept}
        verdict={shown.hosting === 'cloud' ? undefined : verdict}
        choose={(reason) => choose(shown, verdict, { overrides: answers?.overrides, ...(reason && { reason }) })}
      />
      {isKept && <NextStep after="model" />}
    </Group>
  );
}
