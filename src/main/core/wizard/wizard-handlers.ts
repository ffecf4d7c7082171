import { join } from 'node:path';
import { stringify } from 'yaml';
import { type WizardAnswers, type WizardState, type wizard, wizardAnswers } from '../../../shared/contract/wizard.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { loadModelCatalog } from '../catalog/load-model-catalog.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import { watchChanges } from '../jobs/watch-changes.ts';
import type { CorePorts } from '../ports.ts';
import { deployedSites } from '../sites/deployed-sites.ts';
import { namedHosts, networkReach } from '../sites/network-reach.ts';
import { takeSiteFile } from '../sites/open-site.ts';
import { fieldProblems } from './field-problems.ts';
import { gatherFacts } from './gather-facts.ts';
import { ownAddresses } from './own-addresses.ts';
import { answerChanges, readAnswers } from './saved-answers.ts';
import { withChosenRow } from './with-chosen-row.ts';
import { wizardSteps } from './wizard-steps.ts';

/** How often the data folder is read while someone watches: other commands change it too. */
const lookEveryMs = 1000;

/** Implements the contract's area `wizard`. */
export function wizardHandlers(ports: CorePorts, runner: JobRunner): AreaHandlers<typeof wizard> {
  const paths = ports.paths;
  const change = answerChanges(paths.wizard);
  const state = async (): Promise<WizardState> => {
    const facts = await gatherFacts(paths, await runner.list());
    const content = facts.site?.content;
    return {
      steps: wizardSteps(facts),
      answers: facts.answers,
      site: facts.site,
      store: facts.store,
      addresses: ownAddresses(),
      sites: (await deployedSites(paths.sites)).map((one) => one.name),
      ...(facts.deployed && { deployedAt: facts.deployed.at }),
      isSimulated: content?.gitlab.simulated === true || content?.gateway.kind === 'simulated',
      network: content ? networkReach(namedHosts(content)) : 'not-known',
      ...(content && { reportFolder: join(paths.reports, content.name) }),
      ...(facts.report && { reportedAt: facts.report.at }),
      ...(facts.report?.folder && { reportedIn: facts.report.folder }),
    };
  };
  return {
    watch: (_input, { signal }) => watchChanges(state, lookEveryMs, signal),
    answer: async (input) => {
      await change((before) => answered(before, input));
      return {};
    },
    saveSite: async ({ content }) => {
      const { modelId } = await readAnswers(paths.wizard);
      const { models } = await loadModelCatalog(ports.resources);
      const ids = models.map((one) => one.id);
      const text = stringify(withChosenRow(content, modelId, ids));
      try {
        const { name } = (await takeSiteFile('site.yaml', text)).site;
        const path = join(paths.wizard, `${name}.yaml`);
        await writeWhole(path, text, { mode: 0o644, folderMode: 0o700 });
        await change((before) => ({ ...before, siteFile: path }));
        return { path, problems: [] };
      } catch (error) {
        const problems = error instanceof AppError ? fieldProblems(error.wire.details) : undefined;
        if (!problems) throw error;
        return { problems };
      }
    },
  };
}

/** Returns the answers with a change. Each part of it was checked by the contract; together they may still be too many. */
function answered(before: WizardAnswers, change: ParsedInputOf<typeof wizard.answer>): WizardAnswers {
  const { set, clear, addMediaDirs, removeMediaDirs, addDoneSteps, removeDoneSteps } = change;
  const kept = Object.entries(before).filter(([key]) => !clear.some((one) => one === key));
  const after = wizardAnswers.safeParse({
    ...Object.fromEntries(kept),
    ...set,
    mediaDirs: withMembers(before.mediaDirs, addMediaDirs, removeMediaDirs),
    doneSteps: withMembers(before.doneSteps, addDoneSteps, removeDoneSteps),
  });
  if (!after.success) throw appError('input.invalid', { what: 'the answers', issues: issueLines(after.error) });
  return after.data;
}

function withMembers(before: readonly string[], added: readonly string[], removed: readonly string[]): string[] {
  return [...new Set([...before, ...added])].filter((one) => !removed.includes(one));
}
