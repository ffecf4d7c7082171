import { Stack, Text, Title } from '@mantine/core';
import { modelText as text } from '../../text/model.ts';
import { type Listed, type Needs, useModels, wantedFeatures } from './model-store.ts';
import type { Model } from './model-words.ts';
import { cannotText, isFitting, planOf } from './model-words.ts';
import { PlanRow } from './plan-row.tsx';

/** What fits, best first; folded below it what does not and why, and what leaves the network. */
export function PlanList(props: {
  all: Listed;
  ranked: Listed | undefined;
  needs: Needs;
  chosenId: string | undefined;
}) {
  const { all, ranked, needs, chosenId } = props;
  const shownId = useModels((one) => one.shownId);
  const own = all.models.filter((one) => one.hosting === 'self-hosted');
  const cloud = all.models.filter((one) => one.hosting === 'cloud');
  const able = ranked?.models ?? own;
  const fitting = ranked ? able.filter(isFitting) : able;
  const failing = ranked ? able.filter((one) => !isFitting(one)) : [];
  const unable = ranked ? own.filter((one) => !able.some((other) => other.id === one.id)) : [];
  const row = (model: Model, reason?: string) => (
    <PlanRow
      key={model.id}
      model={model}
      wanted={wantedFeatures(needs)}
      reason={reason}
      plan={planOf(ranked, model.id)}
      isShown={model.id === shownId}
      isChosen={model.id === chosenId}
      isRecommended={model.id === ranked?.recommendation?.id}
    />
  );
  const isFolded = (models: readonly Model[]) => !models.some((one) => one.id === shownId);
  const rest = [...failing, ...unable];
  return (
    <Stack gap={12} className="sl-plans">
      <div>
        <Title order={2}>
          {ranked ? text.plans : text.listed} ({text.planCount(fitting.length)})
        </Title>
        <Text size="xs" className="sl-quiet">
          {text.page(all.gitlab.first, all.gitlab.last)}
        </Text>
      </div>
      {(ranked ?? all).notes.map((note) => (
        <Text key={note} className="sl-look">
          ▲ {note}
        </Text>
      ))}
      {fitting.length === 0 && <Text>{text.none}</Text>}
      <ul className="sl-parts">{fitting.map((one) => row(one, planOf(ranked, one.id)?.whyNot ?? undefined))}</ul>
      {ranked?.rules && (
        <details>
          <summary>{text.rules}</summary>
          <ol className="sl-list">
            {ranked.rules.map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
          </ol>
        </details>
      )}
      {rest.length > 0 && (
        <details open={fitting.length === 0 || !isFolded(rest)}>
          <summary>{text.whyNot(rest.length)}</summary>
          <ul className="sl-parts">
            {failing.map((one) => row(one, one.fit?.reason))}
            {unable.map((one) => row(one, cannotText(one, wantedFeatures(needs))))}
          </ul>
        </details>
      )}
      {cloud.length > 0 && (
        <details open={!isFolded(cloud)}>
          <summary>{text.cloud(cloud.length)}</summary>
          <Text className="sl-bad">■ {text.cloudWhy}</Text>
          <ul className="sl-parts">{cloud.map((one) => row(one))}</ul>
        </details>
      )}
    </Stack>
  );
}
