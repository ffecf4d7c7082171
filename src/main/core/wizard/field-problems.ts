import type { WizardState } from '../../../shared/contract/wizard.ts';

/** Returns the field problems among an error's details, as the window shows them; undefined when it has none. */
export function fieldProblems({
  problems,
}: Record<string, unknown>): NonNullable<WizardState['site']>['problems'] | undefined {
  if (!Array.isArray(problems)) return undefined;
  return problems.map(({ field, problem, expected }) => ({
    field: String(field),
    problem: String(problem),
    ...(typeof expected === 'string' && { expected }),
  }));
}
