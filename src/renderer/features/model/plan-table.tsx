import { useMediaQuery } from '@mantine/hooks';
import { modelFeature } from '../../../shared/contract/models.ts';
import { modelText as text } from '../../text/model.ts';
import { settingsText } from '../../text/settings.ts';
import { type Listed, type Model, type Needs, useModels, wantedFeatures } from './model-store.ts';
import { behindText } from './model-words.ts';
import { PlanRow, type Room } from './plan-row.tsx';

/** A table of models, one line each. On a narrow screen the ratings and figures are text below the name. */
export function PlanTable(props: {
  label: string;
  models: readonly Model[];
  ranked: Listed | undefined;
  needs: Needs;
  chosenId: string | undefined;
  /** Why a model is not suitable. */
  why?(model: Model): string | undefined;
}) {
  const { label, models, ranked, needs, chosenId, why } = props;
  const shownId = useModels((one) => one.shownId);
  const room = { ratings: useWidth(1000), figures: useWidth(1240), licence: useWidth(1361) };
  return (
    <div className="sl-panel sl-plan-panel">
      <table className="sl-plan-table" aria-label={label}>
        <Head room={room} />
        <tbody>
          {models.map((model) => (
            <PlanRow
              key={model.id}
              model={model}
              wanted={wantedFeatures(needs)}
              room={room}
              behind={why ? undefined : behindText(ranked, model.id)}
              reason={why?.(model)}
              isShown={model.id === shownId}
              isChosen={model.id === chosenId}
              isRecommended={model.id === ranked?.recommendation?.id}
            />
          ))}
        </tbody>
      </table>
      {room.ratings && <p className="sl-box-line sl-key">{text.key}</p>}
    </div>
  );
}

function useWidth(pixels: number): boolean {
  return useMediaQuery(`(min-width: ${pixels}px)`, false, { getInitialValueInEffect: false });
}

function Head({ room }: { room: Room }) {
  return (
    <thead>
      <tr>
        <th scope="col">{text.columns.model}</th>
        {room.ratings &&
          modelFeature.options.map((feature) => (
            <th key={feature} scope="col" className="sl-plan-rating" title={settingsText.features[feature]}>
              {text.columns.features[feature]}
            </th>
          ))}
        <th scope="col" className="sl-plan-fit-head">
          {text.columns.fit}
        </th>
        {room.figures && (
          <>
            <th scope="col">{text.columns.speed}</th>
            <th scope="col" className="sl-plan-size">
              {text.columns.weights}
            </th>
          </>
        )}
        {room.licence && (
          <th scope="col" className="sl-plan-long">
            {text.columns.licence}
          </th>
        )}
        <th scope="col">
          <span className={room.figures ? undefined : 'sl-hidden'}>{text.compare.tick}</span>
        </th>
      </tr>
    </thead>
  );
}
