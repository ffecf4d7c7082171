import { Checkbox } from '@mantine/core';
import type { Fit, ModelFeature, RankedPlan } from '../../../shared/contract/models.ts';
import { modelText as text } from '../../text/model.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';
import { compare, type Model, useModels } from './model-store.ts';
import { planText, supportText, verdictStatus } from './model-words.ts';

/** One model: its support in GitLab, how it would run here, and whether it fits. */
export function PlanRow(props: {
  model: Model;
  wanted: readonly ModelFeature[];
  reason: string | undefined;
  plan: RankedPlan | undefined;
  isShown: boolean;
  isChosen: boolean;
  isRecommended: boolean;
}) {
  const { model, wanted, reason, plan, isShown, isChosen, isRecommended } = props;
  const isCompared = useModels((one) => one.compared.includes(model.id));
  const marks = [isRecommended && text.recommended, isChosen && text.chosen].filter((one) => one !== false);
  return (
    <li>
      <label className="sl-plan" data-shown={isShown}>
        <input
          type="radio"
          name="model"
          value={model.id}
          checked={isShown}
          onChange={() => useModels.setState({ shownId: model.id })}
        />
        <span className="sl-plan-text">
          <strong>{model.name}</strong> {marks.length > 0 && <span className="sl-work">{marks.join(', ')}</span>}{' '}
          {model.hosting === 'cloud' && <TrustBadge mark="leaves" />}
          <span className="sl-box-line">
            {model.support} · {supportText(model, wanted)}
          </span>
          {model.fit && <FitLine fit={model.fit} />}
          {plan && !reason?.includes(plan.supportText) && <span className="sl-box-line">{plan.supportText}</span>}
          {reason && <span className="sl-box-line">{reason}</span>}
        </span>
      </label>
      <Checkbox
        size="xs"
        className="sl-compare"
        label={text.compare.tick}
        aria-label={text.compare.tickName(model.name)}
        checked={isCompared}
        onChange={(event) => compare(model.id, event.currentTarget.checked)}
      />
    </li>
  );
}

function FitLine({ fit }: { fit: Fit }) {
  return (
    <span className="sl-plan-fit">
      <StateMark status={verdictStatus(fit)} wordless /> {text.verdict[fit.verdict]}
      {fit.isSlow && `, ${text.slow}`} · {planText(fit)}
    </span>
  );
}
