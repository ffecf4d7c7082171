import type { FeatureResult, TaskResult } from '../../../shared/contract/acceptance.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { catalogueFeature, featureLabels } from '../../../shared/feature-labels.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { Work } from '../work.ts';
import type { AcceptanceCatalog } from './acceptance-catalog.ts';
import { type Front, runTask } from './run-task.ts';

/**
 * Runs the tasks of these features one after another, each feature as a step. Throws the first refusal when not one task was answered:
 * then nothing was measured. Throws the signal's reason.
 */
export async function runAcceptance(
  features: SiteFile['features'],
  catalog: AcceptanceCatalog,
  front: Front,
  work: Work,
): Promise<{ features: FeatureResult[]; tasks: TaskResult[] }> {
  const tasks: TaskResult[] = [];
  const results: FeatureResult[] = [];
  const failures: AppError[] = [];
  for (const feature of new Set(features)) {
    work.step(feature, featureLabels[catalogueFeature[feature]]);
    const own = catalog.tasks.filter((one) => one.feature === feature);
    const done: TaskResult[] = [];
    for (const task of own) {
      work.progress({ done: done.length, total: own.length, unit: 'items', item: task.title });
      const { result, failure } = await runTask(task, catalog, front);
      if (failure) failures.push(failure);
      done.push(result);
    }
    const one = featureResult(feature, done, catalog.features[feature].passPercent);
    if (!one.reached) work.endStep('failed');
    results.push(one);
    tasks.push(...done);
  }
  const [failure] = failures;
  if (failure && failures.length === tasks.length) throw failure;
  return { features: results, tasks };
}

function featureResult(feature: FeatureResult['feature'], done: TaskResult[], passPercent: number): FeatureResult {
  const passed = done.filter((one) => one.passed).length;
  const firstTokenMs = median(done.flatMap((one) => one.firstTokenMs ?? []));
  const tokensPerSecond = median(done.flatMap((one) => one.tokensPerSecond ?? []));
  return {
    feature,
    tasks: done.length,
    passed,
    passPercent,
    reached: passed * 100 >= passPercent * done.length,
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
  };
}

/** The middle value, the lower one of two; undefined of none. */
function median(values: number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
