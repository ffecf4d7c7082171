import type { gitlab } from '../../../shared/contract/gitlab.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { OutputOf, ParsedInputOf } from '../../../shared/rpc/contract.ts';
import { parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { readNamed } from '../files/read-bounded.ts';
import { refuseExisting } from '../files/refuse-existing.ts';
import { unifiedDiff } from '../files/unified-diff.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { CorePorts } from '../ports.ts';
import { takeSiteFile } from '../sites/open-site.ts';
import { loadEras, loadGatewayVariables } from './eras-catalog.ts';
import { mergeRb, removeRb } from './merge-rb.ts';
import { planSettings } from './plan-settings.ts';
import { rbVariables } from './rb-variables.ts';

const limitBytes = 1024 * 1024;

/** Returns how a copy of `gitlab.rb` changes for a site. Throws `gitlab.rb-not-needed`, and what reading and planning throw. */
export async function changeRb(
  ports: CorePorts,
  { siteFile, file, out, undo }: ParsedInputOf<typeof gitlab.rb>,
): Promise<OutputOf<typeof gitlab.rb>> {
  const { site } = await takeSiteFile(siteFile);
  const { version } = site.gitlab;
  const before = (await readNamed(file, limitBytes, 'The copy of gitlab.rb')).toString('latin1');
  const wish = { version: parseGitlabVersion(version), site };
  const plan = planSettings(await loadEras(ports.resources), await loadGatewayVariables(ports.resources), wish);
  const variables = undo ? {} : rbVariables(plan.steps);
  if (!undo && Object.keys(variables).length === 0) throw appError('gitlab.rb-not-needed', { version, siteFile });
  const after = undo ? removeRb(before) : mergeRb(before, variables);
  if (out !== undefined) {
    await refuseExisting('--out', out);
    await writeWhole(out, Buffer.from(after, 'latin1'));
  }
  const diff = Buffer.from(unifiedDiff(file, before, after), 'latin1').toString('utf8');
  return { gitlabVersion: version, variables, diff, ...(out !== undefined && { out }) };
}
