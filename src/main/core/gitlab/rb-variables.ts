import type { SettingStep } from '../../../shared/contract/gitlab.ts';

/** Returns the variables of GitLab's environment that the steps of a plan set in `gitlab.rb`. They are defined only in its lines to copy. */
export function rbVariables(steps: readonly SettingStep[]): Record<string, string> {
  const lines = steps.filter((one) => one.appliesBy === 'shell').flatMap((one) => one.how);
  const from = lines.findIndex((line) => line.startsWith("gitlab_rails['env']"));
  const pairs = from < 0 ? [] : lines.slice(from).flatMap((line) => [...line.matchAll(/'([A-Z_]+)' => '([^']*)'/g)]);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}
