import { Checkbox } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import { type Fit, type ModelFeature, modelFeature, type RankedPlan } from '../../../shared/contract/models.ts';
import { modelText as text } from '../../text/model.ts';
import { settingsText } from '../../text/settings.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';
import { compare, type Model, useModels } from './model-store.ts';
import {
  licenceSource,
  licenceText,
  planText,
  speedText,
  supportGlyph,
  supportText,
  verdictStatus,
} from './model-words.ts';

/** One model as a row: its support in GitLab by feature, how it would run here, and whether it fits. */
export function PlanRow(props: {
  model: Model;
  wanted: readonly ModelFeature[];
  reason: string | undefined;
  plan: RankedPlan | undefined;
  /** What the table says once for all its plans. */
  sharedNote: string | undefined;
  isShown: boolean;
  isChosen: boolean;
  isRecommended: boolean;
}) {
  const { model, wanted, reason, plan, sharedNote, isShown, isChosen, isRecommended } = props;
  const isCompared = useModels((one) => one.compared.includes(model.id));
  const marks = [isRecommended && text.recommended, isChosen && text.chosen].filter((one) => one !== false);
  return (
    <tr data-shown={isShown}>
      <td>
        <label className="sl-plan">
          <input
            type="radio"
            name="model"
            value={model.id}
            checked={isShown}
            onChange={() => useModels.setState({ shownId: model.id })}
          />
          <span className="sl-plan-text">
            <strong>{model.name}</strong> {marks.length > 0 && <span className="sl-work">{marks.join(', ')}</span>}{' '}
            {model.hosting === 'cloud' && <TrustBadge mark="outside" />}
            <span className="sl-box-line">
              {model.support}
              {model.fit && ` · ${planText(model.fit)}`}
              <span className="sl-narrow-only"> · {supportText(model, wanted)}</span>
            </span>
            {model.hosting === 'self-hosted' && <NarrowFacts model={model} />}
            {plan && plan.supportText !== sharedNote && !reason?.includes(plan.supportText) && (
              <span className="sl-box-line">{plan.supportText}</span>
            )}
            {reason && <span className="sl-box-line">{reason}</span>}
          </span>
        </label>
      </td>
      {modelFeature.options.map((feature) => (
        <SupportCell key={feature} feature={feature} word={model.features[feature]} />
      ))}
      <td>{model.fit && <FitBar fit={model.fit} />}</td>
      <td className="sl-figure sl-wide-only" title={model.fit?.speedText}>
        {model.fit ? speedText(model.fit) : '–'}
      </td>
      <td className="sl-figure sl-wide-only">{weightsText(model)}</td>
      <td className="sl-wide-only sl-licence" title={licenceSource(model)}>
        {model.hosting === 'self-hosted' && licenceText(model)}
      </td>
      <td>
        <Checkbox
          size="xs"
          aria-label={text.compare.tickName(model.name)}
          checked={isCompared}
          onChange={(event) => compare(model.id, event.currentTarget.checked)}
        />
      </td>
    </tr>
  );
}

/** Returns the size of the weights in the plan, or as published before there is one. */
function weightsText({ fit, weights }: Model): string {
  const bytes = fit ? fit.weightsBytes : weights?.bytes;
  return bytes ? bytesText(bytes) : '–';
}

/** On a narrow screen, what the columns of a wide one have. */
function NarrowFacts({ model }: { model: Model }) {
  const { fit } = model;
  const speed = fit && fit.topTokensPerSecond !== null && `${text.columns.speed}: ${speedText(fit)} · `;
  return (
    <span className="sl-box-line sl-narrow-facts">
      {speed}
      {text.columns.licence}: {licenceText(model)}
    </span>
  );
}

/** GitLab's rating of a feature as a sign, with GitLab's own words for screen readers and on hover. */
function SupportCell({ feature, word }: { feature: ModelFeature; word: string | null }) {
  const said = `${settingsText.features[feature]}: ${word ?? text.noWord}`;
  return (
    <td className="sl-rating-only sl-support" title={said}>
      <span aria-hidden>{supportGlyph(word)}</span>
      <span className="sl-hidden">{said}</span>
    </td>
  );
}

/** The share of the usable memory that the model needs, with the verdict in words. */
function FitBar({ fit }: { fit: Fit }) {
  const { totalBytes, availableBytes } = fit;
  const share = totalBytes && availableBytes ? Math.min(1, totalBytes / availableBytes) : undefined;
  return (
    <div className="sl-fit">
      {share !== undefined && (
        <div className="sl-fit-bar sl-rating-only" aria-hidden>
          <span data-status={verdictStatus(fit)} style={{ width: `${share * 100}%` }} />
        </div>
      )}
      <span className="sl-plan-fit">
        <StateMark status={verdictStatus(fit)} wordless /> {text.verdict[fit.verdict]}
        {fit.isSlow && `, ${text.slow}`}
      </span>
    </div>
  );
}
