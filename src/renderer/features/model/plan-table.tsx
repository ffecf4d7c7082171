import { modelFeature, type RankedPlan } from '../../../shared/contract/models.ts';
import { coreLanguage } from '../../text/language.ts';
import { modelText as text } from '../../text/model.ts';
import { settingsText } from '../../text/settings.ts';
import { type Listed, type Model, type Needs, useModels, wantedFeatures } from './model-store.ts';
import { planOf } from './model-words.ts';
import { PlanRow } from './plan-row.tsx';

/** A table of models, one line each. On a narrow screen the columns of GitLab's ratings become a line of text. */
export function PlanTable(props: {
  label: string;
  models: readonly Model[];
  ranked: Listed | undefined;
  needs: Needs;
  chosenId: string | undefined;
  /** Why a model is not first, or not suitable. */
  why?(model: Model): string | undefined;
}) {
  const { label, models, ranked, needs, chosenId, why } = props;
  const shownId = useModels((one) => one.shownId);
  const shared = sharedNote(models.map((one) => planOf(ranked, one.id)));
  return (
    <div className="sl-panel sl-plan-panel">
      <table className="sl-plan-table" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{text.columns.model}</th>
            {modelFeature.options.map((feature) => (
              <th
                key={feature}
                scope="col"
                className="sl-rating-only sl-plan-rating"
                title={settingsText.features[feature]}
              >
                {text.columns.features[feature]}
              </th>
            ))}
            <th scope="col" className="sl-plan-fit-head">
              {text.columns.fit}
            </th>
            {(['speed', 'weights', 'licence'] as const).map((column) => (
              <th key={column} scope="col" className={`sl-wide-only ${column === 'weights' ? '' : 'sl-plan-long'}`}>
                {text.columns[column]}
              </th>
            ))}
            <th scope="col">{text.compare.tick}</th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <PlanRow
              key={model.id}
              model={model}
              wanted={wantedFeatures(needs)}
              reason={why?.(model)}
              plan={planOf(ranked, model.id)}
              sharedNote={shared}
              isShown={model.id === shownId}
              isChosen={model.id === chosenId}
              isRecommended={model.id === ranked?.recommendation?.id}
            />
          ))}
        </tbody>
      </table>
      {shared && (
        <p className="sl-box-line sl-key" lang={coreLanguage}>
          {shared}
        </p>
      )}
      <p className="sl-box-line sl-rating-only sl-key">{text.key}</p>
    </div>
  );
}

/** What GitLab's documentation says about every plan of a table alike, which the rows need not repeat. */
function sharedNote(plans: readonly (RankedPlan | undefined)[]): string | undefined {
  const [note, ...others] = [...new Set(plans.map((one) => one?.supportText))];
  return plans.length > 1 && others.length === 0 ? note : undefined;
}
