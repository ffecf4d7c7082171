import { Stack, Text, Title } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { DeviceEstimate } from '../../../shared/contract/estimate.ts';
import type { ModelPlan } from '../../../shared/estimate/plan-model.ts';
import { coreLanguage } from '../../text/language.ts';
import { modelText as text } from '../../text/model.ts';
import { type DeviceMemory, MemoryBars, type MemoryPart } from '../../ui/memory-bar.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { EstimateFacts } from './estimate-facts.tsx';
import { longestOf } from './model-choice.ts';
import { type Listed, type Model, useModels } from './model-store.ts';
import { planOf, verdictStatus } from './model-words.ts';
import { WantedSliders } from './wanted-sliders.tsx';

/** Shows what the selected model needs on this machine. The sliders update it at once, before the core ranks again. */
export function ModelPicture(props: {
  model: Model | undefined;
  ranked: Listed | undefined;
  /** Undefined if the ranking has no plan for the model. */
  plan: ModelPlan | undefined;
}) {
  const { model, ranked, plan } = props;
  return (
    <section className="sl-picture-panel" aria-labelledby="picture">
      <Title order={2} id="picture">
        {model ? model.name : text.picture}
      </Title>
      {model?.hosting === 'cloud' ? (
        <Text className="sl-bad">■ {text.cloudPicture}</Text>
      ) : (
        <Stack gap={16}>
          <WantedSliders longest={model && longestOf(model.size)} />
          {!model && <Text>{text.pick}</Text>}
          {model && plan && <Plan model={model} ranked={ranked} plan={plan} />}
          {model && !plan && ranked && <Text>{text.notRanked}</Text>}
        </Stack>
      )}
    </section>
  );
}

function Plan({ model, ranked, plan }: { model: Model; ranked: Listed | undefined; plan: ModelPlan }) {
  const { estimate } = plan;
  const { supportText, whyNot } = planOf(ranked, model.id) ?? {};
  const recommendation = ranked?.recommendation?.id === model.id ? ranked.recommendation.reason : undefined;
  return (
    <>
      <PlanVerdict plan={plan} />
      <MemoryBars limitName={text.parts.limit} devices={estimate.devices.map(memoryOf)} />
      <EstimateFacts estimate={estimate} model={model} fit={ranked?.models.find((one) => one.id === model.id)?.fit} />
      {recommendation && (
        <div>
          <Title order={3}>{text.why}</Title>
          <Text>{recommendation}</Text>
        </div>
      )}
      {!recommendation && (whyNot ?? supportText) && <Text lang={coreLanguage}>{whyNot ?? supportText}</Text>}
      <details>
        <summary>{text.notes}</summary>
        <ul className="sl-list">
          {[...plan.why, ...estimate.notes].map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </details>
    </>
  );
}

function PlanVerdict({ plan: { estimate, isSlow } }: { plan: ModelPlan }) {
  return (
    <div role="status">
      <Text fw={600}>
        <StateMark status={verdictStatus({ ...estimate, isSlow })} wordless /> {text.verdict[estimate.verdict]}:{' '}
        {text.engines[estimate.engine]}, {estimate.quantization}
      </Text>
      <Text>{estimate.reason}</Text>
      <TooFew handled={estimate.maxConcurrency} />
      {isSlow && <Text className="sl-look">▲ {text.slowWhy}</Text>}
      {estimate.change && (
        <Text>
          <strong>{text.toFit}</strong> {estimate.change.text}
        </Text>
      )}
    </div>
  );
}

/** Says when the plan handles fewer concurrent requests than the number of users needs. */
function TooFew({ handled }: { handled: number | null }) {
  const sizing = useModels((one) => one.all?.sizing);
  if (sizing === undefined || handled === null || handled >= sizing.concurrency) return null;
  return <Text className="sl-look">▲ {text.tooFew(sizing.users, sizing.concurrency, handled)}</Text>;
}

function memoryOf(one: DeviceEstimate): DeviceMemory {
  const { name, capacityBytes, usableBytes } = one;
  return {
    title: `${name}, ${bytesText(capacityBytes)}`,
    totalBytes: capacityBytes,
    limitBytes: usableBytes,
    parts: partsOf(one),
  };
}

/** Returns the memory parts of one device. What others use comes last, so that the mark of the usable limit is in the right place. */
function partsOf(one: DeviceEstimate): MemoryPart[] {
  const taken = (one.weightsBytes ?? 0) + (one.kvCacheBytes ?? 0) + one.computeBytes + one.overheadBytes;
  const others = one.capacityBytes - (one.freeBytes ?? one.capacityBytes);
  return [
    { use: 'weights', name: text.parts.weights, bytes: one.weightsBytes ?? 0 },
    { use: 'kv', name: text.parts.kv, bytes: one.kvCacheBytes ?? 0 },
    { use: 'compute', name: text.parts.compute, bytes: one.computeBytes },
    { use: 'overhead', name: text.parts.overhead, bytes: one.overheadBytes },
    { use: 'free', name: text.parts.free, bytes: Math.max(0, one.capacityBytes - taken - others) },
    { use: 'others', name: text.parts.others, bytes: others },
  ];
}
