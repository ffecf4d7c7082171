import { appError } from '../../../../shared/errors/app-error.ts';
import { issueLines } from '../../../../shared/rpc/frames.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { versionProblem } from '../../sites/version-problem.ts';
import { neededParts, type ServicePlan, servicePlan } from './parts.ts';

const limitBytes = 1024 * 1024;

/**
 * Reads and checks the service plan of a site; `sha256` is the hash of its text. Throws `site.plan-damaged`, also when there is
 * none; its remedy is the command line `deploy`.
 */
export async function readServicePlan(
  path: string,
  deploy = 'sealift deploy SITE.yaml',
): Promise<{ plan: ServicePlan; sha256: string }> {
  const text = (await readBounded(path, limitBytes))?.toString('utf8');
  const invalid = (issues: string[]) =>
    appError('site.plan-damaged', { path, problem: issues.slice(0, 5).join('; '), deploy });
  if (text === undefined) throw invalid(['it does not exist']);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(['it is not JSON']);
  }
  const other = versionProblem(value);
  if (other) throw invalid([other]);
  const checked = servicePlan.safeParse(value);
  if (!checked.success) throw invalid(issueLines(checked.error));
  const issues = orderIssues(checked.data);
  if (issues.length > 0) throw invalid(issues);
  return { plan: checked.data, sha256: sha256Hex(text) };
}

function orderIssues({ parts }: ServicePlan): string[] {
  return parts.flatMap((part, at) => {
    const before = parts.slice(0, at).map((one) => one.name);
    const twice = before.includes(part.name) ? [`parts.${at}.name: ${part.name} is a duplicate`] : [];
    const late = neededParts(part).filter((needed) => !before.includes(needed));
    return [...twice, ...late.map((needed) => `parts.${at}.upstream: ${needed} must be a part before ${part.name}`)];
  });
}
