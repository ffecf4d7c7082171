import { AppError } from '../../../shared/errors/app-error.ts';
import type { Finding } from '../../../shared/finding.ts';
import { judgeByNames } from '../weights/folder/judge-by-names.ts';
import { type ModelFinding, refusal } from '../weights/folder/judge-model-folder.ts';
import { judgeFolder } from '../weights/folder/read-model-folder.ts';
import type { Imported } from './import-result.ts';
import type { StorePlan } from './plan/plan-store.ts';

/**
 * Judges the models of a bundle before anything is copied, as far as the names and sizes of their files allow. None of it stops the
 * import, so none is red.
 */
export function foreseenFindings({ models }: StorePlan): Finding[] {
  return models.flatMap(({ path, ...unread }) =>
    judgeByNames(path, unread).map((one): Finding => ({ ...shown(one), severity: 'amber' })),
  );
}

/** Judges imported models in the store as packing does. A model that no engine can load is a finding: the other contents are good. */
export async function importedFindings(models: Imported['models']): Promise<Finding[]> {
  const judged = [];
  for (const { path, served } of models) judged.push(...(await judgeStored(path, served)));
  return judged.map(shown);
}

/* The import is complete by now: a folder that cannot even be listed is a finding too. */
async function judgeStored(path: string, served: string | undefined): Promise<ModelFinding[]> {
  try {
    return (await judgeFolder(path, { serve: served, namedIn: 'site.yaml' })).findings;
  } catch (error) {
    if (error instanceof AppError) return [refusal(error)];
    throw error;
  }
}

function shown({ severity, error }: ModelFinding): Finding {
  const { code, message, remedies } = error.wire;
  // The site file may still say which GGUF is served.
  const isRefused = severity === 'refuse' && code !== 'model.served-unclear';
  return {
    id: code,
    severity: isRefused ? 'red' : 'amber',
    title: message,
    ...(severity === 'refuse' && { consequence: 'Deploying a site that serves this model will be refused.' }),
    remedies,
  };
}
