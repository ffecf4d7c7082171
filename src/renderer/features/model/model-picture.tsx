import { Stack, Text, Title } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { DeviceEstimate } from '../../../shared/contract/estimate.ts';
import type { ModelPlan } from '../../../shared/estimate/plan-model.ts';
import { modelText as text } from '../../text/model.ts';
import { MemoryBar, type MemoryPart } from '../../ui/memory-bar.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { EstimateFacts } from './estimate-facts.tsx';
import { longestOf } from './model-choice.ts';
import type { Listed, Model } from './model-store.ts';
import { verdictStatus } from './model-words.ts';
import { WantedSliders } from './wanted-sliders.tsx';

/** What the model that is looked at needs on this machine; the sliders change it at once, before the core ranks anew. */
export function ModelPicture(props: {
  model: Model | undefined;
  ranked: Listed | undefined;
  /** Undefined where the ranking has none for it. */
  plan: ModelPlan | undefined;
}) {
  const { model, ranked, plan } = props;
  return (
    <section className="sl-picture-panel" aria-labelledby="picture">
      <Title order={2} id="picture">
        {model ? model.name : text.picture}
      </Title>
      {!model && <Text>{text.pick}</Text>}
      {model?.hosting === 'cloud' && <Text className="sl-bad">■ {text.cloudPicture}</Text>}
      {model?.hosting === 'self-hosted' && (
        <Stack gap={16}>
          <WantedSliders longest={longestOf(model.size)} />
          {plan && <Plan model={model} ranked={ranked} plan={plan} />}
          {!plan && ranked && <Text>{text.notRanked}</Text>}
        </Stack>
      )}
    </section>
  );
}

function Plan({ model, ranked, plan }: { model: Model; ranked: Listed | undefined; plan: ModelPlan }) {
  const { estimate } = plan;
  const recommendation = ranked?.recommendation?.id === model.id ? ranked.recommendation.reason : undefined;
  return (
    <>
      <div role="status">
        <Text fw={600}>
          <StateMark status={verdictStatus({ ...estimate, isSlow: plan.isSlow })} wordless />{' '}
          {text.verdict[estimate.verdict]}: {text.engines[estimate.engine]}, {estimate.quantization}
        </Text>
        <Text>{estimate.reason}</Text>
        {plan.isSlow && <Text className="sl-look">▲ {text.slowWhy}</Text>}
        {estimate.change && (
          <Text>
            <strong>{text.toFit}</strong> {estimate.change.text}
          </Text>
        )}
      </div>
      {estimate.devices.map((one) => (
        <MemoryBar
          key={one.name}
          title={`${one.name}, ${bytesText(one.capacityBytes)}`}
          totalBytes={one.capacityBytes}
          limitBytes={one.usableBytes}
          limitName={text.parts.limit}
          parts={partsOf(one)}
        />
      ))}
      <EstimateFacts
        estimate={estimate}
        minimum={ranked?.models.find((one) => one.id === model.id)?.fit?.gitlabMinimum}
      />
      {recommendation && (
        <div>
          <Title order={3}>{text.why}</Title>
          <Text>{recommendation}</Text>
        </div>
      )}
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

/** The parts of one device: what the model takes, what is left, and at the end what others hold, so that the mark of what may be used stands right. */
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
