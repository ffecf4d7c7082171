import { Group, Stack, Text, Title } from '@mantine/core';
import { coreLanguage } from '../../text/language.ts';
import { modelText as text } from '../../text/model.ts';
import { type Listed, type Model, type Needs, useModels } from './model-store.ts';
import { isFitting } from './model-words.ts';
import { PlanTable } from './plan-table.tsx';

interface Props {
  all: Listed;
  ranked: Listed | undefined;
  needs: Needs;
  chosenId: string | undefined;
}

/** Lists the models that fit, best first. Below, collapsed: those that don't and why, and those that leave the network. */
export function PlanList(props: Props) {
  const { all, ranked } = props;
  const shownId = useModels((one) => one.shownId);
  const { fitting, failing, unable, cloud } = sortOut(all, ranked);
  const isShown = (models: readonly Model[]) => models.some((one) => one.id === shownId);
  const rest = [...failing, ...unable];
  return (
    <Stack gap={12}>
      <Heading all={all} ranked={ranked} count={fitting.length} />
      {fitting.length === 0 ? (
        <Text>{text.none}</Text>
      ) : (
        <PlanTable {...props} label={ranked ? text.plans : text.listed} models={fitting} />
      )}
      {ranked?.rules && <Rules rules={ranked.rules} />}
      {rest.length > 0 && (
        <details open={fitting.length === 0 || isShown(rest)}>
          <summary>{text.whyNot(rest.length)}</summary>
          <PlanTable
            {...props}
            label={text.whyNot(rest.length)}
            models={rest}
            why={(one) => (failing.includes(one) ? one.fit?.reason : text.cannot)}
          />
        </details>
      )}
      {cloud.length > 0 && (
        <details open={isShown(cloud)}>
          <summary>{text.cloud(cloud.length)}</summary>
          <Text className="sl-bad">■ {text.cloudWhy}</Text>
          <PlanTable {...props} label={text.cloud(cloud.length)} models={cloud} />
        </details>
      )}
    </Stack>
  );
}

/** Sorts models into: fits, does not fit, lacks a feature, hosted elsewhere. Before a ranking, all self-hosted models count as fitting. */
function sortOut(all: Listed, ranked: Listed | undefined) {
  const own = all.models.filter((one) => one.hosting === 'self-hosted');
  const cloud = all.models.filter((one) => one.hosting === 'cloud');
  if (!ranked) return { fitting: own, failing: [], unable: [], cloud };
  const able = ranked.models;
  return {
    fitting: able.filter(isFitting),
    failing: able.filter((one) => !isFitting(one)),
    unable: own.filter((one) => !able.some((other) => other.id === one.id)),
    cloud,
  };
}

function Heading({ all, ranked, count }: Pick<Props, 'all' | 'ranked'> & { count: number }) {
  return (
    <>
      <Group justify="space-between" align="baseline" gap={8}>
        <Title order={2}>
          {ranked ? text.plans : text.listed} ({text.planCount(count)})
        </Title>
        <Text size="xs" className="sl-quiet">
          {text.page(all.gitlab.first, all.gitlab.last)}
        </Text>
      </Group>
      <ListNotes notes={(ranked ?? all).notes} />
    </>
  );
}

/* Several would push the list off the screen. */
function ListNotes({ notes }: { notes: readonly string[] }) {
  const lines = notes.map((note) => (
    <Text key={note} className="sl-look" lang={coreLanguage}>
      ▲ {note}
    </Text>
  ));
  if (lines.length < 2) return lines;
  return (
    <details>
      <summary className="sl-look">▲ {text.listNotes(lines.length)}</summary>
      {lines}
    </details>
  );
}

function Rules({ rules }: { rules: readonly string[] }) {
  return (
    <details>
      <summary>{text.rules}</summary>
      <ol className="sl-list">
        {rules.map((rule) => (
          <li key={rule}>{rule}</li>
        ))}
      </ol>
    </details>
  );
}
