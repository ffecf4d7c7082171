import type { FeatureResult, TaskResult } from '../../../shared/contract/acceptance.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { catalogueFeature, featureLabels } from '../../../shared/feature-labels.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { Work } from '../work.ts';
import type { AcceptanceCatalog } from './acceptance-catalog.ts';
import { type Front, runTask } from './run-task.ts';

/** A server that hangs takes minutes to fail a task, so that after this many in a row no more is asked. */
const mostSilent = 3;
/** Not one of these is about the task: the front or the model server was away or busy. Without a status the connection broke. */
const awayStatuses: unknown[] = [undefined, 408, 429, 502, 503, 504];

/** What one model of a site is for, and the way to it. */
interface AskedModel {
  features: SiteFile['features'];
  front: Front;
}

/**
 * Runs the tasks of each model's features one after another, each feature as a step. Asks a model no more when its server stays away. Throws
 * the first refusal when not one task was answered: then nothing was measured. Throws the signal's reason.
 */
export async function runAcceptance(
  models: readonly AskedModel[],
  catalog: AcceptanceCatalog,
  work: Work,
): Promise<{ features: FeatureResult[]; tasks: TaskResult[] }> {
  const tasks: TaskResult[] = [];
  const results: FeatureResult[] = [];
  /** Why a task was not answered, one for each that was asked, by model. */
  const all = models.map((one) => ({ ...one, failures: [] as (AppError | undefined)[] }));
  const asked = all.flatMap((one) => [...new Set(one.features)].map((feature) => ({ ...one, feature })));
  for (const { feature, front, failures } of asked) {
    work.step(feature, featureLabels[catalogueFeature[feature]]);
    const own = catalog.tasks.filter((one) => one.feature === feature);
    const done: TaskResult[] = [];
    for (const task of own) {
      if (isAway(failures)) {
        work.warn(`${mostSilent} tasks in a row got no answer, so that ${own.length - done.length} were not asked.`);
        break;
      }
      work.progress({ done: done.length, total: own.length, unit: 'items', item: task.title });
      const { result, failure } = await runTask(task, catalog, front);
      failures.push(failure);
      done.push(result);
    }
    const one = featureResult(feature, own.length, done, catalog.features[feature].passPercent);
    if (!one.reached) work.endStep(done.length > 0 ? 'failed' : 'skipped');
    results.push(one);
    tasks.push(...done);
  }
  const failures = all.flatMap((one) => one.failures);
  const [failure] = failures;
  if (failure && !failures.includes(undefined)) throw failure;
  return { features: results, tasks };
}

function isAway(failures: (AppError | undefined)[]): boolean {
  const last = failures.slice(-mostSilent);
  return last.length === mostSilent && last.every((one) => one && awayStatuses.includes(one.wire.details.status));
}

function featureResult(
  feature: FeatureResult['feature'],
  tasks: number,
  done: TaskResult[],
  passPercent: number,
): FeatureResult {
  const unanswered = tasks - done.filter((one) => one.error === undefined).length;
  const passed = done.filter((one) => one.passed).length;
  const firstTokenMs = median(done.flatMap((one) => one.firstTokenMs ?? []));
  const tokensPerSecond = median(done.flatMap((one) => one.tokensPerSecond ?? []));
  return {
    feature,
    tasks,
    passed,
    passPercent,
    reached: unanswered === 0 && passed * 100 >= passPercent * tasks,
    ...(unanswered > 0 && { unanswered }),
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
  };
}

/** The middle value, the lower one of two; undefined of none. */
function median(values: number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
