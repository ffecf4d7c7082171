import type { GitlabResult } from '../../../shared/contract/gitlab.ts';
import type { ProbeResult } from '../../../shared/contract/probe.ts';
import type { WrittenReport } from '../../../shared/contract/report.ts';
import type { WizardAnswers, WizardState, WizardStep, WizardStepId } from '../../../shared/contract/wizard.ts';
import { isElsewhere, modelSites } from '../../../shared/model-sites.ts';
import { isOfDeployment, isOfSiteFile } from '../../../shared/of-deployment.ts';
import { sayOfStep } from '../../../shared/step-words.ts';
import { timeText } from '../../../shared/time-text.ts';
import { choiceDoubts, choiceOverride } from './choice-doubts.ts';

/** The facts that the steps are judged by; plain data, so tests need no machine. */
export interface WizardFacts {
  /** Steps whose job is running. */
  working: ReadonlySet<WizardStepId>;
  /** The newest check of this machine. */
  readiness?: { red: string[]; amber: number; green: number };
  answers: WizardAnswers;
  site: WizardState['site'];
  store: WizardState['store'];
  /** When the site was deployed, and whether its site file is still the same; absent before. */
  deployed?: { at: string; isSameFile: boolean };
  gitlab?: GitlabResult;
  probe?: ProbeResult;
  report?: WrittenReport;
}

type Judgement = Omit<WizardStep, 'id'>;

/**
 * Returns the state of the seven steps. A step whose fact is outdated goes back, with the reason. Clocks are not compared, because people
 * in an enclave often change them.
 */
export function wizardSteps(facts: WizardFacts): WizardStep[] {
  const judged: Record<WizardStepId, Judgement> = {
    readiness: readinessStep(facts),
    model: modelStep(facts),
    import: importStep(facts),
    deploy: deployStep(facts),
    gitlab: gitlabStep(facts),
    probe: probeStep(facts),
    report: reportStep(facts),
  };
  return Object.entries(judged).map(([key, judgement]) => {
    const id = key as WizardStepId;
    return { id, ...judgement, ...(facts.working.has(id) && { status: 'working' as const }) };
  });
}

function readinessStep({ readiness, answers }: WizardFacts): Judgement {
  if (!readiness) return { status: 'todo', ...sayOfStep('notChecked') };
  const { red, amber, green } = readiness;
  const open = red.filter((id) => !(id in answers.overrides)).length;
  const passed = red.length - open;
  if (open > 0) return { status: 'blocked', ...sayOfStep('blocked', open) };
  if (passed > 0) return { status: 'look', ...sayOfStep('overridden', passed) };
  return amber > 0
    ? { status: 'look', ...sayOfStep('attention', amber) }
    : { status: 'done', ...sayOfStep('passed', green) };
}

function modelStep({ answers, site }: WizardFacts): Judgement {
  const own = modelsOf(site).map((one) => one.name);
  const chosen = own.length > 0 ? own.join(', ') : answers.modelId;
  if (!chosen) return { status: 'todo', ...sayOfStep('noModel') };
  const [doubt] = choiceDoubts(answers, site?.content);
  if (doubt === undefined) return { status: 'done', ...sayOfStep('chosen', chosen) };
  if (choiceOverride in answers.overrides) return { status: 'done', ...sayOfStep('chosenAnyway', chosen) };
  return { status: 'look', ...sayOfStep('chosen', chosen), reason: doubt };
}

function modelsOf(site: WizardFacts['site']) {
  return site?.content ? modelSites(site.content).map(({ model }) => model) : [];
}

function importStep({ site, store }: WizardFacts): Judgement {
  const models = modelsOf(site);
  if (models.length > 0 && models.every(isElsewhere)) return { status: 'done', ...sayOfStep('notNeeded') };
  if (store.models.length + store.images.length === 0) return { status: 'todo', ...sayOfStep('nothingImported') };
  const held = sayOfStep('imported', store.models.length, store.images.length);
  const missing = models.find((model) => !isElsewhere(model) && !store.models.some((one) => one.name === model.name));
  if (missing)
    return {
      status: 'look',
      ...held,
      reason: `The site needs the model ${missing.name}, which is not in the store`,
    };
  return { status: 'done', ...held };
}

function deployStep({ site, deployed }: WizardFacts): Judgement {
  if (!site) return { status: 'todo', ...sayOfStep('noSite') };
  if (!site.content) return { status: 'blocked', ...sayOfStep('invalidSite'), reason: site.problems[0]?.problem ?? '' };
  if (!deployed) return { status: 'todo', ...sayOfStep('notDeployed', site.content.name) };
  if (!deployed.isSameFile)
    return { status: 'look', ...sayOfStep('deployed'), reason: 'The site file was changed after the deployment' };
  return { status: 'done', ...sayOfStep('siteDeployed', site.content.name) };
}

function gitlabStep({ gitlab, deployed, site }: WizardFacts): Judgement {
  if (!deployed) return { status: 'todo', ...sayOfStep('deployFirst') };
  if (!gitlab) return { status: 'todo', ...sayOfStep('notConfigured') };
  const different = gitlab.applied.filter((one) => one.state === 'differs').length;
  if (!isOfDeployment(gitlab, deployed.at))
    return {
      status: 'todo',
      ...sayOfStep('outdated'),
      reason: 'The site was redeployed after the settings were read back',
    };
  if (!isOfSiteFile(gitlab, site?.sha256))
    return {
      status: 'todo',
      ...sayOfStep('outdated'),
      reason: 'The site file was changed after the settings were read back',
    };
  if (gitlab.applied.length === 0) return { status: 'todo', ...sayOfStep('notReadBack') };
  if (different > 0) return { status: 'look', ...sayOfStep('differing', different) };
  return { status: 'done', ...sayOfStep('correct', gitlab.applied.length) };
}

function probeStep({ probe, deployed, site }: WizardFacts): Judgement {
  if (!deployed) return { status: 'todo', ...sayOfStep('deployFirst') };
  if (!probe) return { status: 'todo', ...sayOfStep('notProbed') };
  if (!isOfDeployment(probe, deployed.at))
    return { status: 'todo', ...sayOfStep('outdated'), reason: 'The site was redeployed after the last probe' };
  if (!isOfSiteFile(probe, site?.sha256))
    return { status: 'todo', ...sayOfStep('outdated'), reason: 'The site file was changed after the last probe' };
  if (probe.firstRed) return { status: 'blocked', ...sayOfStep('failedAt', titleOf(probe, probe.firstRed)) };
  const answered = sayOfStep('answered', probe.hops.filter((hop) => !hop.skipped).length);
  const doubt = probe.findings?.find((one) => one.severity !== 'green')?.title;
  return doubt === undefined ? { status: 'done', ...answered } : { status: 'look', ...answered, reason: doubt };
}

function reportStep({ report, probe, deployed }: WizardFacts): Judgement {
  if (!report) return { status: 'todo', ...sayOfStep('notWritten') };
  if (probe && report.probedAt !== probe.at)
    return { status: 'todo', ...sayOfStep('outdated'), reason: 'The site was probed again after the last report' };
  if (deployed && probe && !isOfDeployment(probe, deployed.at))
    return { status: 'todo', ...sayOfStep('outdated'), reason: 'The site was redeployed after the last report' };
  if (probe?.firstRed) return { status: 'look', ...sayOfStep('written'), reason: 'It contains a failed hop' };
  return { status: 'done', ...sayOfStep('writtenAt', timeText(report.at)) };
}

function titleOf(probe: ProbeResult, hop: string): string {
  return probe.hops.find((one) => one.hop === hop)?.title ?? hop;
}
