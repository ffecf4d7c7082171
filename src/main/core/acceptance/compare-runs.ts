import type { AcceptanceResult, Change, Comparison, FeatureResult } from '../../../shared/contract/acceptance.ts';
import { catalogueFeature, featureLabels } from '../../../shared/feature-labels.ts';

type Run = Pick<AcceptanceResult, 'at' | 'served' | 'models' | 'features' | 'tasks'>;
type Served = AcceptanceResult['served'];

/** Less than this share of a speed is the usual play between two runs. */
const speedPlay = 0.2;
/** First tokens vary more, and below this nobody notices. */
const [waitPlay, waitPlayMs] = [0.5, 200];

/** Compares a run with the one before it: what answered, the same tasks where both have an answer, and measured speeds. */
export function compareRuns(before: Run, after: Run): Comparison {
  const result: Comparison = { beforeAt: before.at, changed: changedModels(before, after), worse: [], better: [] };
  const earlier = new Map(before.tasks.filter(isAnswered).map((one) => [one.taskSha256, one]));
  const word = (passed: boolean) => (passed ? 'passed' : 'failed');
  for (const { feature, title, taskSha256, passed } of after.tasks.filter(isAnswered)) {
    const was = earlier.get(taskSha256)?.passed;
    if (was === undefined || was === passed) continue;
    const what = `${label(feature)}, ${title}`;
    (passed ? result.better : result.worse).push({ what, before: word(was), after: word(passed) });
  }
  for (const now of after.features) {
    const then = before.features.find((one) => one.feature === now.feature);
    if (then && !then.unanswered && !now.unanswered) addSpeeds(result, then, now);
  }
  return result;
}

function isAnswered({ error }: Run['tasks'][number]): boolean {
  return error === undefined;
}

/** Of several models, each change says which one it is about. */
function changedModels(before: Run, after: Run): Change[] {
  if (!before.models && !after.models) return changedModel(before.served, after.served);
  const [then, now] = [before, after].map(({ models, served }) => models ?? [served]) as [Served[], Served[]];
  const named = (all: Served[], { servedName }: Served) => all.find((one) => one.servedName === servedName);
  const gone = then.filter((one) => !named(now, one));
  return [
    ...now.flatMap((one) => {
      const was = named(then, one);
      if (!was) return [{ what: one.servedName, before: 'not there', after: one.name }];
      return changedModel(was, one).map((change) => ({ ...change, what: `${one.servedName}, ${change.what}` }));
    }),
    ...gone.map((one) => ({ what: one.servedName, before: one.name, after: 'not there' })),
  ];
}

function changedModel(before: Served, after: Served): Change[] {
  const names: [keyof AcceptanceResult['served'], string][] = [
    ['engine', 'Engine'],
    ['engineVersion', 'Version of the engine'],
    ['name', 'Model'],
    ['servedName', 'Served name'],
    ['file', 'File'],
    ['sha256', 'SHA-256'],
    ['endpoint', 'Endpoint'],
    ['contextTokens', 'Context'],
  ];
  return names
    .filter(([key]) => before[key] !== after[key])
    .map(([key, what]) => ({ what, before: `${before[key] ?? 'unknown'}`, after: `${after[key] ?? 'unknown'}` }));
}

function addSpeeds({ worse, better }: Comparison, then: FeatureResult, now: FeatureResult): void {
  const [wasSpeed, speed] = [then.tokensPerSecond, now.tokensPerSecond];
  if (wasSpeed !== undefined && speed !== undefined && Math.abs(speed - wasSpeed) > wasSpeed * speedPlay) {
    const said = (value: number) => `${value.toFixed(1)} tokens/s`;
    const one = { what: `${label(now.feature)}, speed`, before: said(wasSpeed), after: said(speed) };
    (speed > wasSpeed ? better : worse).push(one);
  }
  const [wasWait, wait] = [then.firstTokenMs, now.firstTokenMs];
  if (wasWait === undefined || wait === undefined) return;
  if (Math.abs(wait - wasWait) <= Math.max(wasWait * waitPlay, waitPlayMs)) return;
  const one = { what: `${label(now.feature)}, first token`, before: `${wasWait} ms`, after: `${wait} ms` };
  (wait < wasWait ? better : worse).push(one);
}

function label(feature: FeatureResult['feature']): string {
  return featureLabels[catalogueFeature[feature]];
}
