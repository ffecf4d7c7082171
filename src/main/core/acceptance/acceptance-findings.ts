import { type AcceptanceResult, answeredFor } from '../../../shared/contract/acceptance.ts';
import { command, steps } from '../../../shared/errors/define.ts';
import { catalogueFeature, featureLabels } from '../../../shared/feature-labels.ts';
import type { Finding } from '../../../shared/finding.ts';

/** Reports features below what is asked for or not measured, what got worse since the run before, and a model that is none. */
export function acceptanceFindings(
  result: Pick<AcceptanceResult, 'features' | 'tasks' | 'comparison' | 'simulated' | 'served' | 'models'>,
): Finding[] {
  const { features, simulated, comparison } = result;
  return [
    ...(simulated === undefined ? [] : [simulatedFinding(simulated)]),
    ...features
      .filter((one) => !one.reached)
      .map((one) => (one.unanswered ? unmeasuredFinding(one, result) : lowFinding(one, result))),
    ...(comparison && comparison.worse.length > 0 ? [worseFinding(comparison)] : []),
  ];
}

const realModel = steps('Deploy the site with the real model, then run the acceptance set again.');

function simulatedFinding(why: string): Finding {
  return {
    id: 'acceptance.simulated',
    severity: 'amber',
    title: `SIMULATED: ${why}`,
    consequence: 'The results show that the set runs, and nothing about the quality or speed of a real model.',
    remedies: [realModel],
  };
}

function unmeasuredFinding(
  { feature, unanswered, tasks }: AcceptanceResult['features'][number],
  result: Pick<AcceptanceResult, 'tasks' | 'served' | 'models'>,
): Finding {
  const label = featureLabels[catalogueFeature[feature]];
  // A feature of which nothing was asked has the reason of the one before.
  const reason = (result.tasks.find((one) => one.feature === feature && one.error) ?? result.tasks.at(-1))?.error;
  return {
    id: `acceptance.not-measured-${catalogueFeature[feature]}`,
    severity: 'amber',
    title: `${label}: not measured, ${unanswered} of ${tasks} tasks got no answer`,
    consequence: `How good ${answeredFor(result, feature).servedName} is for ${label} is unknown.`,
    remedies: [
      command('Find out what is wrong', 'sealift probe SITE.yaml'),
      command('Read the last lines of the logs', 'sealift logs --tail 20'),
      steps('Then run the acceptance set again.'),
    ],
    ...(reason !== undefined && { howWeKnow: reason }),
  };
}

function lowFinding(
  { feature, passed, tasks, passPercent }: AcceptanceResult['features'][number],
  result: Pick<AcceptanceResult, 'tasks' | 'served' | 'models' | 'simulated'>,
): Finding {
  const label = featureLabels[catalogueFeature[feature]];
  const mark = result.simulated === undefined ? '' : 'SIMULATED: ';
  const failed = result.tasks.filter((one) => one.feature === feature && !one.passed);
  return {
    id: `acceptance.low-${catalogueFeature[feature]}`,
    severity: 'red',
    title: `${mark}${label}: ${passed} of ${tasks} tasks passed, below ${passPercent} %`,
    consequence: `${mark}${answeredFor(result, feature).servedName} is not good enough for ${label} as it is served here.`,
    remedies:
      mark !== ''
        ? [realModel]
        : [
            command('Show which models GitLab supports, and which fit', 'sealift models'),
            steps(
              'Take a larger model, or the same with a finer quantisation, then run the acceptance set again.',
              `Or leave ${feature} out of the features in the site file.`,
            ),
          ],
    howWeKnow: `not passed: ${failed.map((one) => one.id).join(', ')}`,
  };
}

function worseFinding({ worse, changed }: NonNullable<AcceptanceResult['comparison']>): Finding {
  const said = (one: (typeof worse)[number]) => `${one.what}: ${one.before} → ${one.after}`;
  return {
    id: 'acceptance.worse',
    severity: 'amber',
    title: `Worse than in the run before: ${worse.map(said).join('; ')}`,
    consequence:
      changed.length > 0
        ? `Changed since then: ${changed.map(said).join('; ')}.`
        : 'As far as Sealift knows, the same model was served in the same way.',
    remedies: [
      changed.length > 0
        ? steps('If that matters, go back to what was served before, and run the acceptance set again.')
        : steps('Run it again when nobody else uses the model server: a busy one answers slower.'),
    ],
  };
}
