import { Checkbox } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import { type Fit, type ModelFeature, modelFeature } from '../../../shared/contract/models.ts';
import { doesFit } from '../../../shared/estimate/estimate-memory.ts';
import { modelText as text } from '../../text/model.ts';
import { settingsText } from '../../text/settings.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';
import { compare, type Model, useModels } from './model-store.ts';
import {
  licenceSource,
  licenceText,
  loadText,
  placeText,
  speedText,
  supportGlyph,
  supportText,
  verdictStatus,
} from './model-words.ts';

/** What a table has room for, next to the model, its fit and its box to compare. Anything else is below the name. */
export interface Room {
  /** Columns of GitLab's ratings. */
  ratings: boolean;
  /** Columns of speed and size. */
  figures: boolean;
  licence: boolean;
}

/** One model as a row: its support in GitLab by feature, how it would run here, and whether it fits. */
export function PlanRow(props: {
  model: Model;
  wanted: readonly ModelFeature[];
  room: Room;
  /** What puts it behind the first, in a few words. */
  behind: string | undefined;
  /** Why it is not suitable. */
  reason: string | undefined;
  isShown: boolean;
  isChosen: boolean;
  isRecommended: boolean;
}) {
  const { model, wanted, room, behind, reason, isShown, isChosen, isRecommended } = props;
  const isCompared = useModels((one) => one.compared.includes(model.id));
  const marks = [isRecommended && text.recommended, isChosen && text.chosen].filter((one) => one !== false);
  return (
    <>
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
                {[model.support, model.fit && loadText(model.fit), !room.ratings && supportText(model, wanted), behind]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
              {!room.ratings && model.hosting === 'self-hosted' && <NarrowFacts model={model} />}
            </span>
          </label>
        </td>
        {room.ratings &&
          modelFeature.options.map((feature) => (
            <SupportCell key={feature} feature={feature} word={model.features[feature]} />
          ))}
        <td>{model.fit && <FitBar fit={model.fit} />}</td>
        {room.figures && (
          <>
            <td className="sl-small" title={model.fit?.speedText}>
              {model.fit && model.fit.topTokensPerSecond !== null ? speedText(model.fit) : '–'}
            </td>
            <td className="sl-figure sl-small">{weightsText(model)}</td>
          </>
        )}
        {room.licence && (
          <td className="sl-small" title={licenceSource(model)}>
            {model.hosting === 'self-hosted' && licenceText(model)}
          </td>
        )}
        <td>
          <Checkbox
            size="xs"
            aria-label={text.compare.tickName(model.name)}
            title={text.compare.tickName(model.name)}
            checked={isCompared}
            onChange={(event) => compare(model.id, event.currentTarget.checked)}
          />
        </td>
      </tr>
      {reason !== undefined && (
        <tr className="sl-plan-why" data-shown={isShown}>
          <td colSpan={columnsOf(room)} className="sl-small">
            {reason}
          </td>
        </tr>
      )}
    </>
  );
}

function columnsOf({ ratings, figures, licence }: Room): number {
  return 3 + (ratings ? modelFeature.options.length : 0) + (figures ? 2 : 0) + (licence ? 1 : 0);
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
    <span className="sl-box-line">
      {speed}
      {text.columns.licence}: {licenceText(model)}
    </span>
  );
}

/** GitLab's rating of a feature as a sign, with GitLab's own words for screen readers and on hover. */
function SupportCell({ feature, word }: { feature: ModelFeature; word: string | null }) {
  const said = `${settingsText.features[feature]}: ${word ?? text.noWord}`;
  return (
    <td className="sl-support" title={said}>
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
        <div className="sl-fit-bar" aria-hidden>
          <span data-status={verdictStatus(fit)} style={{ width: `${share * 100}%` }} />
        </div>
      )}
      <span className="sl-plan-fit">
        <StateMark status={verdictStatus(fit)} wordless /> {text.verdict[fit.verdict]}
        {doesFit(fit) && ` ${placeText(fit)}`}
        {fit.isSlow && `, ${text.slow}`}
      </span>
    </div>
  );
}
